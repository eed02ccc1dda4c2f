"""Data sets in YOLO format: both layouts, the YAML file, the labels, and what is refused."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.interfaces import Splits
from nntasks.plugins.yolo_detect.data import yolo_folder
from nntasks.plugins.yolo_detect.data.coco128 import Coco128
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder
from nntasks.plugins.yolo_detect.data.yolo_labels import read_labels
from nntasks.plugins.yolo_detect.data.yolo_layout import label_file
from nntasks.seeding import Seeds


def load(path: Path) -> Splits:
    return YoloFolder(build(YoloFolder.Config, {"path": path}, prefix="data."), Seeds(0)).load(None)


def picture(path: Path, width: int = 40, height: int = 20) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (200, 100, 50)).save(path)
    return path


def label(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def describe(root: Path, **keys: Any) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "data.yaml").write_text(yaml.safe_dump(keys))
    return root / "data.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """images/PART and labels/PART for three parts, one image each; two class names."""
    folder = tmp_path / "set"
    for part in ("train", "val", "test"):
        picture(folder / "images" / part / f"{part}.png")
        label(folder / "labels" / part / f"{part}.txt", "1 0.5 0.5 0.25 0.5\n")
    (folder / "classes.txt").write_text("cat\ndog\n")
    return folder


def ids(splits: Splits) -> list[list[int | str]]:
    parts = (splits.train, splits.validation, splits.test)
    return [[sample.image_id for sample in part] for part in parts]


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


@pytest.mark.parametrize("names", [["cat", "dog"], {0: "cat", 1: "dog"}, {1: "dog", 0: "cat"}])
def test_a_yaml_file_names_parts_and_classes(root: Path, names: Any) -> None:
    file = describe(root, train="images/train", val="images/val", names=names, nc=2)
    assert ids(load(file)) == [["train.png"], ["val.png"], ["val.png"]]
    assert load(file).info.classes == ("cat", "dog")
    assert ids(load(root)) == ids(load(file))  # the folder's data.yaml is found


def test_the_path_of_a_yaml_file_is_relative_to_it(root: Path, tmp_path: Path) -> None:
    file = describe(tmp_path / "elsewhere", path="../set", val="images/val", names=["cat", "dog"])
    assert ids(load(file))[2] == ["val.png"]
    file = describe(tmp_path / "elsewhere", path=str(root), val="images/val", names=["cat", "dog"])
    assert ids(load(file))[2] == ["val.png"]


def test_lists_of_folders_and_listings(root: Path) -> None:
    (root / "some.txt").write_text("./images/test/test.png\n\nimages/val/val.png\n")
    file = describe(
        root, train=["images/train", "images/val"], test="some.txt", names=["cat", "dog"]
    )
    names = ids(load(file))
    assert names[0] == ["images/train/train.png", "images/val/val.png"]
    assert names[2] == ["images/test/test.png", "images/val/val.png"]


def test_a_part_one_folder_too_high_is_found_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture(tmp_path / "set" / "valid" / "images" / "x.png")
    label(tmp_path / "set" / "valid" / "labels" / "x.txt", "0 0.5 0.5 0.25 0.5")
    file = describe(tmp_path / "set", val="../valid/images", names=["cat"])
    assert ids(load(file))[2] == ["x.png"]
    assert "is taken for 'val'" in caplog.text


def test_download_keys_are_ignored_aloud(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    marker = root / "downloaded"
    describe(root, val="images/val", names=["cat", "dog"], download=f"touch {marker}")
    load(root)
    assert "'download' is ignored" in caplog.text
    assert not marker.exists()


def test_yaml_cannot_run_anything(root: Path) -> None:
    marker = root / "run"
    (root / "data.yaml").write_text(f'names: !!python/object/apply:os.system ["touch {marker}"]\n')
    with pytest.raises(UsageError, match="is not YAML"):
        load(root)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"names": ["cat"]}, "expected the keys train, val or test"),
        ({"val": "images/val"}, "expected the class names under 'names'"),
        ({"val": "images/val", "names": []}, "expected the class names"),
        ({"val": "images/val", "names": "cat"}, "expected the class names"),
        ({"val": "images/val", "names": {0: "cat", 2: "dog"}}, "numbered 0 to 1 without gaps"),
        ({"val": "images/val", "names": ["yes", False]}, "name of class 1, got False; quote it"),
        ({"val": "images/val", "names": ["cat"], "nc": 2}, "'nc' says 2 classes, but .* has 1"),
        ({"val": "nowhere", "names": ["cat"]}, "there is no .*nowhere, which 'val' names"),
        ({"val": 3, "names": ["cat"]}, "expected a path under 'val', got 3"),
        ({"val": ["images/val"] * 2, "names": ["cat", "dog"]}, "listed twice under 'val'"),
        ({"path": "gone", "val": "x", "names": ["cat"]}, "there is no folder .*gone"),
    ],
)
def test_yaml_files_that_contradict_themselves(root: Path, keys: dict[str, Any], said: str) -> None:
    file = describe(root, **keys)
    with pytest.raises(UsageError, match=said) as caught:
        load(file)
    assert str(file) in str(caught.value)


def test_listings_name_the_line_of_a_missing_image(root: Path) -> None:
    (root / "some.txt").write_text("images/val/val.png\nimages/val/gone.png\n")
    with pytest.raises(UsageError, match=r"some\.txt, line 2: there is no image"):
        load(describe(root, val="some.txt", names=["cat", "dog"]))
    (root / "some.txt").write_text("\n")
    with pytest.raises(UsageError, match="there are no images in"):
        load(root)


def test_folders_that_are_no_data_set(tmp_path: Path, root: Path) -> None:
    with pytest.raises(UsageError, match="neither a folder nor a file"):
        load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds no data set"):
        load(tmp_path)
    (root / "images" / "val" / "val.png").unlink()
    with pytest.raises(UsageError, match=r"there are no images in .*val; expected \.jpg"):
        load(root)
    for name in ("a.yaml", "b.yml"):
        (root / name).write_text("names: [cat]")
    with pytest.raises(UsageError, match=r"several YAML files \(a\.yaml, b\.yml\)"):
        load(root)


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
    label(root / "labels" / "train" / "train.txt", "0 0.5 0.5 0.5 0.5\n" * 2)
    with caplog.at_level(logging.WARNING, "nntasks.data"):
        splits = load(root)
    assert "validation: 2 label files lack an image" in caplog.text
    assert "train: 1 label files hold the same line twice" in caplog.text
    assert len(splits.train[0].truth.labels) == 2


def test_classes_without_names_are_numbered(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "classes.txt").unlink()
    label(root / "labels" / "train" / "train.txt", "3 0.5 0.5 0.5 0.5")
    assert load(root).info.classes == ("0", "1", "2", "3")
    assert "numbers serve as names" in caplog.text


LINES = {
    "four": ("0 0.5 0.5 0.5", "expected 5 numbers (class cx cy w h), got 4"),
    "six": ("0 0.5 0.5 0.5 0.5 0.9", "expected 5 numbers (class cx cy w h), got 6"),
    "polygon": ("0 0.1 0.1 0.2 0.1 0.2 0.2", "looks like a polygon"),
    "word": ("0 0.5 0.5 x 0.5", "expected 5 finite numbers (class cx cy w h), got 'x'"),
    "NaN": ("0 nan 0.5 0.5 0.5", "finite numbers (class cx cy w h), got 'nan'"),
    "infinite": ("0 0.5 0.5 inf 0.5", "got 'inf'"),
    "underscore": ("0 0.5 0.5 0_1 0.5", "got '0_1'"),
    "comma": ("0 0,5 0.5 0.5 0.5", "got '0,5'"),
    "class too high": ("2 0.5 0.5 0.5 0.5", "class 2 is out of range: there are 2 classes, 0 to 1"),
    "class negative": ("-1 0.5 0.5 0.5 0.5", "expected the class as a whole number from 0, got -1"),
    "class a fraction": ("0.5 0.5 0.5 0.5 0.5", "as a whole number from 0, got 0.5"),
    "pixels": ("0 320 240 50 60", "expected cx in 0..1, as part of the image, got 320; are these"),
    "a little outside": ("0 0.5 0.5 0.5 1.00001", "expected h in 0..1"),
    "negative": ("0 0.5 -0.1 0.5 0.5", "expected cy in 0..1"),
    "no extent": ("0 0.5 0.5 0 0.5", "expected a box with extent, got w 0 and h 0.5"),
}


@pytest.mark.parametrize(("line", "said"), LINES.values(), ids=LINES.keys())
@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_wrong_labels_name_file_and_line(root: Path, part: str, line: str, said: str) -> None:
    path = label(root / "labels" / part / f"{part}.txt", f"0 0.5 0.5 0.5 0.5\n\n{line}\n")
    with pytest.raises(UsageError) as caught:
        load(root)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rounding_at_the_border_is_forgiven(tmp_path: Path) -> None:
    path = label(
        tmp_path / "x.txt", "0 1.0000005 -0.0000005 1.0000005 1e-9\n\ufeff".strip("\ufeff")
    )
    assert read_labels(path, 1).boxes[0, 0] == 1.0000005


def test_a_single_class_and_unnamed_classes_have_their_limits(tmp_path: Path) -> None:
    path = label(tmp_path / "x.txt", "9999 0.5 0.5 0.5 0.5")
    assert read_labels(path, None).classes.tolist() == [9999]
    with pytest.raises(UsageError, match="there is 1 class, 0"):
        read_labels(path, 1)
    label(path, "1e9 0.5 0.5 0.5 0.5")
    with pytest.raises(UsageError, match="expected a class below 10000, got 1e9; name the classes"):
        read_labels(path, None)


def test_labels_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"0 0.5 \xff\n")
    with pytest.raises(UsageError, match=r"cannot read labels .*x\.txt"):
        read_labels(tmp_path / "x.txt", 1)


unit = st.floats(1e-6, 1)


@given(
    st.lists(st.tuples(st.integers(0, 4), unit, unit, unit, unit), max_size=5),
    st.integers(1, 5000),
    st.integers(1, 5000),
)
def test_pixel_boxes_give_back_the_lines(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, float, float, float, float]],
    width: int,
    height: int,
) -> None:
    path = tmp_path_factory.mktemp("labels") / "x.txt"
    path.write_text("".join(" ".join(map(repr, row)) + "\n" for row in rows))
    labels = read_labels(path, 5)
    x1, y1, x2, y2 = labels.in_pixels(width, height).T
    table = np.array(rows).reshape(-1, 5)
    assert labels.classes.tolist() == table[:, 0].tolist()
    back = np.stack([(x1 + x2) / 2 / width, (y1 + y2) / 2 / height], axis=1)
    sides = np.stack([(x2 - x1) / width, (y2 - y1) / height], axis=1)
    np.testing.assert_allclose(np.concatenate([back, sides], axis=1), table[:, 1:], atol=1e-12)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("train/images/a.b.png", "train/labels/a.b.txt"),
        ("images/images/a.jpg", "images/labels/a.txt"),
        ("pictures/a.jpg", "pictures/a.txt"),
        ("images.jpg", "images.txt"),
    ],
)
def test_where_labels_lie(tmp_path: Path, image: str, expected: str) -> None:
    root = tmp_path / "images" / "set"  # a folder of that name above the root does not count
    assert label_file(root / image, root) == root / expected


def test_sizes_are_read_when_they_are_needed_and_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    real = yolo_folder.image_size
    monkeypatch.setattr(yolo_folder, "image_size", lambda path: asked.append(path) or real(path))
    splits = load(root)
    assert asked == []
    assert splits.test[0].truth.boxes is splits.test[-1].truth.boxes
    assert asked == [root / "images" / "test" / "test.png"]
    with pytest.raises(IndexError):
        splits.test[1]


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
