"""Data sets in YOLO format: the parts, their labels, what is counted and what is refused."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pytest
from yolo_set import describe, ids, label, load, picture

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.coco128 import Coco128
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder
from nntasks.seeding import Seeds


def test_a_folder_of_images_and_labels(root: Path) -> None:
    splits = load(root)
    assert ids(splits) == [["train.png"], ["val.png"], ["test.png"]]
    assert splits.info.classes == ("cat", "dog")
    (sample,) = splits.test
    assert sample.truth.boxes.tolist() == [[15, 5, 25, 15]]
    assert sample.truth.labels.tolist() == [1]
    assert sample.truth.areas.tolist() == [100]
    assert sample.truth.crowd.tolist() == [False]
    assert sample.read().shape == (20, 40, 3)


def test_a_folder_of_parts(tmp_path: Path) -> None:
    for part in ("train", "valid"):
        picture(tmp_path / part / "images" / "x.png")
        label(tmp_path / part / "labels" / "x.txt", "0 0.5 0.5 0.25 0.5\n")
    (tmp_path / "classes.txt").write_text("cat\n")
    splits = load(tmp_path)
    assert ids(splits) == [["x.png"], ["x.png"], ["x.png"]]
    assert splits.test is splits.validation


def test_test_images_serve_as_validation_where_there_are_no_others(root: Path) -> None:
    (root / "images" / "val" / "val.png").unlink()
    (root / "images" / "val").rmdir()
    splits = load(root)
    assert ids(splits) == [["train.png"], ["test.png"], ["test.png"]]


def test_without_training_images_there_is_still_an_evaluation(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "val" / "x.png")
    label(tmp_path / "labels" / "val" / "x.txt", "0 0.5 0.5 0.25 0.5")
    splits = load(describe(tmp_path, val="images/val", names=["cat"]))
    assert len(splits.train) == 0
    assert len(splits.test) == 1


def test_training_images_alone_are_refused(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "train" / "x.png")
    label(tmp_path / "labels" / "train" / "x.txt", "0 0.5 0.5 0.25 0.5")
    with pytest.raises(UsageError, match="training images alone"):
        load(describe(tmp_path, train="images/train", names=["cat"]))


def test_the_path_must_be_given() -> None:
    with pytest.raises(
        UsageError, match=r"data\.path=FOLDER or data\.path=FILE\.yaml must be given"
    ):
        build(YoloFolder.Config, {}, prefix="data.")


def test_images_without_labels_have_no_objects(root: Path) -> None:
    picture(root / "images" / "val" / "another.JPG")
    picture(root / "images" / "val" / "._val.png")  # a shadow file of macOS is no image
    label(root / "labels" / "val" / "empty.txt", "")
    picture(root / "images" / "val" / "empty.png")
    splits = load(root)
    assert [len(sample.truth.labels) for sample in splits.validation] == [0, 0, 1]
    assert splits.validation[0].truth.boxes.shape == (0, 4)


def test_a_part_without_a_single_label_file_is_refused(root: Path) -> None:
    (root / "labels" / "val" / "val.txt").rename(root / "val.txt")
    with pytest.raises(UsageError, match="none of the 1 validation images has a label file") as got:
        load(root)
    assert str(root / "labels" / "val" / "val.txt") in str(got.value)


def test_labels_without_images_and_repeated_lines_are_counted(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "two"):
        label(root / "labels" / "val" / f"{name}.txt", "0 0.5 0.5 0.5 0.5")
    label(root / "labels" / "val" / "classes.txt", "cat\ndog")
    label(
        root / "labels" / "train" / "train.txt",
        "0 0.5 0.5 0.5 0.5\n" * 3 + "0 0.5 0.5 1.01 1\n1 0.1 0.1 0.5 0.1 0.5 0.4\n",
    )
    with caplog.at_level(logging.WARNING, "nntasks.data"):
        splits = load(root)
    assert "validation: 2 label files lack an image" in caplog.text
    assert "train: 2 label lines repeat an earlier one and were dropped" in caplog.text
    assert "train: 1 boxes reach over the edge" in caplog.text
    assert "train: 1 polygons were taken as the boxes around them" in caplog.text
    np.testing.assert_allclose(
        splits.train[0].truth.boxes, [[10, 5, 30, 15], [0, 0, 40, 20], [4, 2, 20, 8]]
    )


def test_all_faults_of_all_files_are_told_at_once(root: Path) -> None:
    for part, name in (("train", "a"), ("train", "b"), ("val", "c")):
        picture(root / "images" / part / f"{name}.png")
        label(root / "labels" / part / f"{name}.txt", "0 0.5 0.5 0.2 1.5\n\n1 half 0.5 0.1 0.1\n")
    with pytest.raises(UsageError) as caught:
        load(root)
    message = str(caught.value)
    assert message.startswith("6 faults in the data: ")
    for part, name in (("train", "a"), ("train", "b"), ("val", "c")):
        path = root / "labels" / part / f"{name}.txt"
        assert f"{path}, line 1: expected h in 0..1" in message
        assert f"{path}, line 3: expected 5 finite numbers" in message


def test_a_fault_of_an_image_that_serves_two_parts_is_told_once(root: Path) -> None:
    label(root / "labels" / "val" / "val.txt", "x")
    with pytest.raises(UsageError, match=r"^[^;]*val\.txt, line 1: expected 5 numbers"):
        load(describe(root, train="images/val", val="images/val", names=["cat", "dog"]))


def test_images_that_share_a_label_file_are_refused(root: Path) -> None:
    image = picture(root / "images" / "val" / "val.jpg")
    with pytest.raises(UsageError, match=r"val\.txt: images .* share it; rename one") as caught:
        load(root)
    assert str(image) in str(caught.value)
    assert str(image.with_suffix(".png")) in str(caught.value)


def test_an_image_that_is_cut_off_is_refused_in_every_part(root: Path) -> None:
    for part in ("train", "val", "test"):
        image = root / "images" / part / f"{part}.png"
        os.truncate(image, 60)
    with pytest.raises(UsageError, match="3 faults in the data: ") as caught:
        load(root)
    assert str(caught.value).count("cannot read image") == 3


def test_suffixes_and_folders_in_upper_case(root: Path) -> None:
    (root / "labels" / "test" / "test.txt").rename(root / "labels" / "test" / "test.TXT")
    (root / "images" / "val" / "val.png").rename(root / "images" / "val" / "val.PNG")
    splits = load(root)
    assert [len(part[0].truth.labels) for part in (splits.validation, splits.test)] == [1, 1]
    for kind in ("images", "labels"):
        (root / kind / "val").rename(root / kind / "VAL")
        (root / kind).rename(root / kind.upper())
    splits = load(root)
    assert ids(splits) == [["train.png"], ["val.PNG"], ["test.png"]]
    assert len(splits.validation[0].truth.labels) == 1


def test_classes_without_names_are_numbered(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "classes.txt").unlink()
    label(root / "labels" / "train" / "train.txt", "3 0.5 0.5 0.5 0.5")
    assert load(root).info.classes == ("0", "1", "2", "3")
    assert "numbers serve as names" in caplog.text


def test_coco128_in_both_formats_is_the_same(real_data: Path) -> None:
    root = real_data / "coco128"
    coco = Coco128(build(Coco128.Config, {}), Seeds(0)).load(root)
    yolo = load(root)
    assert yolo.info.classes == coco.info.classes
    for name in ("train", "test"):
        pairs = list(zip(getattr(coco, name), getattr(yolo, name), strict=True))
        assert len(pairs) == 128
        for ours, theirs in pairs:
            assert theirs.image_id == f"{ours.image_id:012d}.jpg"
            kept = ~ours.truth.crowd  # YOLO labels know no crowd regions
            assert theirs.truth.labels.tolist() == ours.truth.labels[kept].tolist()
            # Labels have six digits, so an edge is off by at most half a unit of the last for the
            # centre and a quarter for half the side, times 640 pixels: 0.00048.
            np.testing.assert_allclose(
                theirs.truth.boxes, ours.truth.boxes[kept], rtol=0, atol=0.00049
            )
