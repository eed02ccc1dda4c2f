"""The rows of a COCO file: what is read of them, what is refused, all at once."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coco_set import content, read, write

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.samples import Detections

Harm = Callable[[dict[str, Any]], Any]


def changed(key: str, index: int, **values: Any) -> Harm:
    return lambda value: value[key][index].update(values)


def removed(key: str, index: int, name: str) -> Harm:
    return lambda value: value[key][index].pop(name)


REFUSED: dict[str, tuple[Harm, str]] = {
    "no images key": (lambda value: value.pop("images"), "list under the key 'images'"),
    "images a mapping": (lambda value: value.update(images={}), "list under the key 'images'"),
    "no image": (lambda value: value.update(images=[]), "at least one image"),
    "no category": (lambda value: value.update(categories=[]), "at least one category"),
    "image no mapping": (
        lambda value: value["images"].append(4),
        r"images\[2\]: expected a mapping",
    ),
    "image without id": (removed("images", 1, "id"), r"images\[1\]: expected the key 'id'"),
    "image id true": (changed("images", 1, id=True), "whole number or text as 'id', got True"),
    "image id a fraction": (changed("images", 1, id=3.5), "or text as 'id', got 3.5"),
    "image without name": (removed("images", 1, "file_name"), "image 3: .* key 'file_name'"),
    "image twice": (changed("images", 1, id=20), "image id 20 occurs twice"),
    "image twice as text": (changed("images", 1, id="20"), "image id '20' occurs twice"),
    "image missing": (changed("images", 1, file_name="c.png"), "image 3: there is no image file"),
    "image a folder": (changed("images", 1, file_name="."), "image 3: there is no image file"),
    "image name long": (changed("images", 1, file_name="a" * 300), "there is no image file"),
    "image backslash": (changed("images", 1, file_name="b\\c.png"), "backslashes were tried"),
    "image width a word": (changed("images", 1, width="wide"), "image 3: expected a whole number"),
    "image width other": (changed("images", 1, width=41), "has 40 x 30 pixels, .* say 41 x 30"),
    "image turned": (changed("images", 1, width=30, height=40), "30 x 40; it seems to be turned"),
    "annotation twice": (changed("annotations", 1, id=1), "annotation id 1 occurs twice"),
    "annotation without box": (removed("annotations", 1, "bbox"), "annotation 2: .* key 'bbox'"),
    "annotation of no image": (
        changed("annotations", 1, image_id=99),
        "annotation 2: belongs to image 99, which is not among the images",
    ),
    "annotation of no category": (
        changed("annotations", 1, category_id=8),
        "annotation 2: has category 8, which is not among the categories",
    ),
    "annotation image null": (changed("annotations", 1, image_id=None), "'image_id', got null"),
    "annotation image a list": (changed("annotations", 1, image_id=[3]), r"'image_id', got \[3\]"),
    "category a fraction": (changed("annotations", 1, category_id=7.5), "annotation 2: .* whole"),
    "category without name": (removed("categories", 1, "name"), "category 7: .* key 'name'"),
    "category twice": (changed("categories", 1, id=90), "category id 90 occurs twice"),
    "box a word": (changed("annotations", 1, bbox="1 2 3 4"), "expected a list as 'bbox'"),
    "box of three": (changed("annotations", 1, bbox=[1, 2, 3]), "annotation 2: expected 4 numbers"),
    "box negative": (changed("annotations", 1, bbox=[1, 2, -3, 4]), "of 0 or more, got -3 and 4"),
    "box NaN": (changed("annotations", 1, bbox=[1, 2, float("nan"), 4]), "finite .*, got nan"),
    "box infinite": (changed("annotations", 1, bbox=[1, 2, 3, float("inf")]), "finite .*, got inf"),
    "box a number in words": (changed("annotations", 1, bbox=[1, 2, "x", 4]), "finite .* got 'x'"),
    "box null": (changed("annotations", 1, bbox=[1, None, 3, 4]), "finite .*, got None"),
    "box huge": (changed("annotations", 1, bbox=[10**400, 1, 3, 4]), "finite numbers"),
    "area negative": (changed("annotations", 1, area=-1), "annotation 2: .* area of 0 or more"),
    "area a word": (changed("annotations", 1, area="big"), "finite numbers as 'area', got 'big'"),
    "crowd two": (changed("annotations", 1, iscrowd=2), "annotation 2: expected 0 or 1"),
    "crowd text": (changed("annotations", 1, iscrowd="no"), "annotation 2: expected 0 or 1"),
}


@pytest.mark.parametrize(("harm", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_mistakes_are_named_in_one_line(folder: Path, harm: Harm, said: str) -> None:
    value = content()
    harm(value)
    path = write(folder, value)
    with pytest.raises(UsageError, match=said) as caught:
        read(path, folder / "images")
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    value = content()
    value["images"][1]["file_name"] = "gone.png"
    value["categories"][1]["name"] = None
    value["annotations"][0]["bbox"] = [1]
    value["annotations"].append({"id": 7, "image_id": 3, "category_id": 7, "bbox": [1, 2, 3, 4]})
    with pytest.raises(UsageError, match="3 faults in the data: ") as caught:
        read(write(folder, value), folder / "images")
    for said in ("image 3: there is no", "category 7: expected", "annotation 1: expected 4"):
        assert said in str(caught.value)


ACCEPTED: dict[str, Harm] = {
    "whole floats": changed("annotations", 0, id=1.0, image_id=20.0, category_id=90.0),
    "ids as text": changed("annotations", 0, image_id="20", category_id="90"),
    "image ids as text": changed("images", 0, id="20"),
    "category ids as text": changed("categories", 0, id="90"),
    "area null": changed("annotations", 1, area=None),
    "area as text": changed("annotations", 0, area="0.06"),
    "crowd as text": changed("annotations", 1, iscrowd="1"),
    "crowd true": changed("annotations", 1, iscrowd=True),
    "crowd null": changed("annotations", 0, iscrowd=None),
    "box as text": changed("annotations", 0, bbox=["0.1", 0.2, "3e-1", 0.4]),
    "no id": removed("annotations", 0, "id"),
    "no ids": lambda value: [row.update(id=None) for row in value["annotations"]],
    "id 0": changed("annotations", 0, id=0),
    "sides as text": changed("images", 0, width="40", height=30.0),
    "sides null": changed("images", 0, width=None, height=None),
    "half a size": removed("images", 0, "width"),
    "backslash": changed("images", 0, file_name=".\\b.png"),
}


@pytest.mark.parametrize("harm", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_other_spellings_are_the_same(folder: Path, harm: Harm) -> None:
    plain = read(write(folder, content()), folder / "images")
    value = content()
    harm(value)
    part = read(write(folder, value), folder / "images")
    assert part.categories == plain.categories
    for ours, theirs in zip(part.samples, plain.samples, strict=True):
        assert str(ours.image_id) == str(theirs.image_id)
        for name in ("boxes", "labels", "crowd", "areas"):
            assert np.array_equal(getattr(ours.truth, name), getattr(theirs.truth, name))


def test_ids_that_are_text_stay_apart_from_numbers_they_are_not(folder: Path) -> None:
    value = content()
    value["images"][0]["id"], value["images"][1]["id"] = "020", 20
    part = read(write(folder, value), folder / "images")
    assert [len(sample.truth.labels) for sample in part.samples] == [2, 0]
    assert [sample.image_id for sample in part.samples] == [20, "020"]


def test_a_shared_name_and_a_shared_file_are_told_apart(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    value = content()
    value["categories"][0]["name"] = "train"
    value["images"][1]["file_name"] = "b.png"
    part = read(write(folder, value), folder / "images")
    assert part.categories == {7: "train (7)", 90: "train (90)"}
    assert [len(sample.truth.labels) for sample in part.samples] == [0, 2]
    assert "2 classes share the name 'train'" in caplog.text
    assert "images 20 and 3" in caplog.text


def test_an_image_that_is_cut_off_is_found(folder: Path) -> None:
    os.truncate(folder / "images" / "a.png", 60)
    with pytest.raises(UsageError, match=r"image 3: cannot read image .*a\.png"):
        read(write(folder, content()), folder / "images")


def test_flat_outside_and_zero_numbered_objects_count_as_in_pycocotools(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Flat boxes and boxes outside are objects that may be missed; only id 0 counts here alone."""
    coco_module = pytest.importorskip("pycocotools.coco")
    evaluation_module = pytest.importorskip("pycocotools.cocoeval")
    value = content()
    boxes = [[5, 6, 10, 0], [50, 60, 10, 10], [35, 25, 10, 10], [5, 5, 10, 10]]
    value["annotations"] = [
        {"id": number, "image_id": 3, "category_id": 7, "bbox": box, "area": box[2] * box[3]}
        | {"iscrowd": 0}
        for number, box in enumerate(boxes, start=1)
    ]
    path = write(folder, value)
    part = read(path, folder / "images")
    assert "2 boxes reach over the edge" in caplog.text
    found = [[50, 60, 10, 10], [5, 6, 10, 0], [5, 5, 10, 9]]
    scores = [0.9, 0.8, 0.7]
    rows = [
        {"image_id": 3, "category_id": 7, "bbox": box, "score": score}
        for box, score in zip(found, scores, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco_module.COCO(str(path))
        oracle = evaluation_module.COCOeval(truth, truth.loadRes(rows), "bbox")
        oracle.evaluate()
        oracle.accumulate()
        oracle.summarize()
    metric = DetectionMetric(tuple(part.categories.values()))
    corners = np.array([[x, y, x + w, y + h] for x, y, w, h in found], dtype=float)
    nothing = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))
    metric.update(
        [Detections(corners, np.array(scores), np.zeros(3, np.int64)), nothing],
        [sample.truth for sample in part.samples],
        [sample.image_id for sample in part.samples],
    )
    numbers = metric.compute()
    assert numbers["objects"] == 4
    for name, theirs in zip(("map50_95", "map50", "map75"), oracle.stats, strict=False):
        assert numbers[name] == pytest.approx(theirs, abs=1e-12)
    value["annotations"][0]["id"] = 0
    (again, _) = read(write(folder, value), folder / "images").samples
    assert len(again.truth.labels) == 4
