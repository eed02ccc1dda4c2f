"""COCO annotation files: what is read, against pycocotools, and what is refused."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coco_set import content, picture, read, write

from nntasks.config import build
from nntasks.errors import MissingError, UsageError
from nntasks.interfaces import Splits
from nntasks.plugins.yolo_detect.data.coco128 import Coco128
from nntasks.plugins.yolo_detect.data.coco_json import CocoJson
from nntasks.seeding import Seeds


def load_json(**options: Any) -> Splits:
    return CocoJson(build(CocoJson.Config, options, prefix="data."), Seeds(0)).load(None)


def load_coco128(root: Path, **options: Any) -> Splits:
    return Coco128(build(Coco128.Config, options, prefix="data."), Seeds(0)).load(root)


def test_samples_are_in_the_order_of_ids_and_labels_in_the_order_of_categories(
    folder: Path,
) -> None:
    part = read(write(folder, content()), folder / "images")
    assert [sample.image_id for sample in part.samples] == [3, 20]
    assert part.categories == {7: "train", 90: "toothbrush"}
    assert list(part.categories) == [7, 90]
    empty, truth = (sample.truth for sample in part.samples)
    assert truth.labels.tolist() == [1, 0]
    assert truth.crowd.tolist() == [False, True]
    assert truth.areas.tolist() == [0.06, 0.0]
    assert truth.boxes.tolist() == [[0.1, 0.2, 0.1 + 0.3, 0.2 + 0.4], [5, 6, 15, 6]]
    for one in (empty, truth):
        assert (one.boxes.dtype, one.labels.dtype) == (np.float64, np.int64)
        assert (one.crowd.dtype, one.areas.dtype) == (np.bool_, np.float64)
    assert empty.boxes.shape == (0, 4)
    assert part.samples[0].read().shape == (30, 40, 3)


def test_ids_may_be_text(folder: Path) -> None:
    value = content()
    value["images"][0]["id"] = "twenty"
    for row in value["annotations"]:
        row["image_id"] = "twenty"
    part = read(write(folder, value), folder / "images")
    assert [sample.image_id for sample in part.samples] == [3, "twenty"]


@pytest.mark.parametrize("name", ["train2017", "val2017"])
def test_everything_equals_pycocotools(real_data: Path, name: str) -> None:
    coco_module = pytest.importorskip("pycocotools.coco")
    root = real_data / "coco128"
    path = root / "annotations" / f"instances_{name}_128.json"
    with contextlib.redirect_stdout(io.StringIO()):
        oracle = coco_module.COCO(str(path))
    samples = load_coco128(root, test=name).test
    assert [sample.image_id for sample in samples] == sorted(oracle.getImgIds())
    categories = sorted(oracle.getCatIds())
    for sample in samples:
        rows = oracle.loadAnns(oracle.getAnnIds(imgIds=[sample.image_id]))
        boxes = [(x, y, x + w, y + h) for x, y, w, h in (row["bbox"] for row in rows)]
        assert np.array_equal(sample.truth.boxes, np.array(boxes, dtype=float).reshape(-1, 4))
        assert sample.truth.areas.tolist() == [row["area"] for row in rows]
        assert sample.truth.crowd.tolist() == [bool(row["iscrowd"]) for row in rows]
        labels = [categories.index(row["category_id"]) for row in rows]
        assert sample.truth.labels.tolist() == labels


def test_coco128_has_the_published_counts(real_data: Path) -> None:
    splits = load_coco128(real_data / "coco128", validation="train2017")
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [128] * 3
    assert splits.validation is splits.train
    assert sum(int((~sample.truth.crowd).sum()) for sample in splits.train) == 929
    assert sum(int(sample.truth.crowd.sum()) for sample in splits.train) == 6
    assert sum(int((~sample.truth.crowd).sum()) for sample in splits.test) == 898
    assert len(splits.info.classes) == 80
    assert splits.info.details["category_ids"][-1] == 90
    names = (real_data / "coco128" / "classes.txt").read_text().split("\n")
    assert list(splits.info.classes) == [name for name in names if name]


def test_coco128_reads_every_image_with_its_stated_size(real_data: Path) -> None:
    for sample in load_coco128(real_data / "coco128").test:
        image = sample.read()  # raises where the size is another than the annotations say
        assert image.dtype == np.uint8
        assert image.shape[2] == 3


def test_coco128_without_its_images_says_how_many_are_missing(
    real_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "annotations").symlink_to(real_data / "coco128" / "annotations")
    with pytest.raises(MissingError, match=r"expected 128 images in .*, found 0"):
        load_coco128(tmp_path)


def test_coco128_knows_its_parts() -> None:
    with pytest.raises(UsageError, match=r"data\.test: expected one of train2017, val2017"):
        build(Coco128.Config, {"test": "test2017"}, prefix="data.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"images": [],\n "annotations" []}', "is not JSON: .* at line 2, column 16"),
        ("", "is not JSON: .* at line 1, column 1"),
        ("[]", "expected a mapping with images, annotations, categories, got list"),
        ('[{"image_id": 1, "score": 0.5}]', "got list; it looks like a file of results"),
        ("[" * 100_000, "is not JSON that can be read"),
        ('{"images": ' + "9" * 5000 + "}", "is not JSON that can be read"),
    ],
)
def test_files_that_are_not_json(folder: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(write(folder, text), folder / "images")


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "truth.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        read(folder / "truth.json", folder / "images")


def test_one_file_serves_validation_and_test(folder: Path) -> None:
    path = write(folder, content())
    splits = load_json(test_annotations=path, images=folder / "images")
    assert splits.train == ()
    assert splits.validation is splits.test
    assert splits.info.classes == ("train", "toothbrush")
    assert splits.info.details == {"category_ids": [7, 90]}


def test_three_files_and_their_folders(folder: Path) -> None:
    first, second = content(), content()
    first["images"], first["annotations"] = first["images"][:1], first["annotations"][:1]
    second["images"][0]["id"], second["annotations"] = 5, []
    picture(folder / "other" / "a.png")
    picture(folder / "other" / "b.png")
    splits = load_json(
        annotations=write(folder, first, "train.json"),
        images=folder / "images",
        validation_annotations=write(folder, content(), "val.json"),
        test_annotations=write(folder, second, "test.json"),
        test_images=folder / "other",
    )
    ids = [[sample.image_id for sample in part] for part in (splits.train, splits.validation)]
    assert ids == [[20], [3, 20]]
    assert [sample.image_id for sample in splits.test] == [3, 5]


def test_images_beside_the_annotations_need_no_option(folder: Path) -> None:
    path = write(folder / "images", content())
    assert len(load_json(test_annotations=path).test) == 2


def test_parts_with_other_categories_are_refused(folder: Path) -> None:
    other = content()
    other["categories"][1]["name"] = "tram"
    with pytest.raises(UsageError, match=r"differ in 'train' \(id 7\), 'tram' \(id 7\)") as caught:
        load_json(
            annotations=write(folder, other, "train.json"),
            images=folder / "images",
            test_annotations=write(folder, content(), "test.json"),
        )
    assert "train.json" in str(caught.value)
    assert "test.json" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, r"data\.test_annotations=FILE is required"),
        ({"annotations": "x.json"}, r"data\.test_annotations=FILE is required"),
        (
            {"test_annotations": "x.json", "validation_images": "y"},
            r"data\.validation_images needs data\.validation_annotations",
        ),
        ({"test_annotations": "nowhere.json"}, r"data\.test_annotations: there is no file nowhere"),
        ({"test_anotations": "x"}, "Did you mean 'test_annotations'"),
    ],
)
def test_options_that_do_not_work(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_json(**options)


def test_an_image_folder_that_is_not_there_names_its_key(folder: Path) -> None:
    path = write(folder, content())
    with pytest.raises(UsageError, match=r"data\.test_images: there is no folder"):
        load_json(test_annotations=path, test_images=folder / "nowhere")
    with pytest.raises(UsageError, match=r"data\.images: there is no folder"):
        load_json(test_annotations=path, images=folder / "nowhere")
