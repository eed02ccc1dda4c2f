"""The photographs of COCO: what is read, against pycocotools, and what is published of them."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nntasks.config import build
from nntasks.errors import MissingError, UsageError
from nntasks.interfaces import Splits
from nntasks.plugins.yolo_detect.data.coco128 import Coco128
from nntasks.seeding import Seeds


def load_coco128(root: Path, **options: Any) -> Splits:
    return Coco128(build(Coco128.Config, options, prefix="data."), Seeds(0)).load(root)


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


def test_values_are_published_for_photographs_that_nobody_trained_on() -> None:
    (one,) = Coco128.published_for(Coco128.Config())
    assert (one.metric, one.value) == ("map50", 0.457)
    assert Coco128.published_for(Coco128.Config(test="train2017")) == ()
