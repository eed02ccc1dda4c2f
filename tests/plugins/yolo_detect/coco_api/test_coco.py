"""COCO's methods against pycocotools itself."""

from __future__ import annotations

import contextlib
import io
import json

import numpy as np
import pytest
from detection_oracle import hard_data
from pycocotools.coco import COCO as TheirCOCO

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.coco_api import COCO


@pytest.fixture
def pair(tmp_path):
    dataset, results = hard_data(0)
    for row in dataset["categories"]:
        row["supercategory"] = "even" if row["id"] % 2 == 0 else "odd"
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(dataset))
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = TheirCOCO(str(path))
    return COCO(path), theirs, results


def test_filters(pair):
    ours, theirs, _ = pair
    images, categories = sorted(ours.imgs), sorted(ours.cats)
    for given in (
        {},
        {"imgIds": images[3]},
        {"imgIds": images[:4], "catIds": categories[:2]},
        {"catIds": categories[1], "areaRng": [100, 2000]},
        {"iscrowd": True},
        {"imgIds": images, "iscrowd": False},
    ):
        assert ours.getAnnIds(**given) == theirs.getAnnIds(**given)
    for given in (
        {},
        {"imgIds": images[:5]},
        {"catIds": categories[:2]},
        {"catIds": categories[0]},
    ):
        assert sorted(ours.getImgIds(**given)) == sorted(theirs.getImgIds(**given))
    for given in (
        {},
        {"catNms": [str(categories[0])]},
        {"supNms": ["even"]},
        {"catIds": categories[:2]},
    ):
        assert ours.getCatIds(**given) == theirs.getCatIds(**given)


def test_rows_by_id(pair):
    ours, theirs, _ = pair
    names = ours.getAnnIds()[:3]
    assert ours.loadAnns(names) == theirs.loadAnns(names)
    assert ours.loadAnns(names[0]) == theirs.loadAnns(names[0])
    assert ours.loadImgs(ours.getImgIds()) == theirs.loadImgs(theirs.getImgIds())
    assert ours.loadCats(ours.getCatIds()) == theirs.loadCats(theirs.getCatIds())
    assert dict(ours.imgToAnns) == dict(theirs.imgToAnns)
    assert dict(ours.catToImgs) == dict(theirs.catToImgs)


def test_results(pair, tmp_path):
    ours, theirs, results = pair
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results))
    with contextlib.redirect_stdout(io.StringIO()):
        expected = theirs.loadRes(str(path)).anns
    assert ours.loadRes(path).anns == expected
    rows = np.array([[r["image_id"], *r["bbox"], r["score"], r["category_id"]] for r in results])
    from_array = ours.loadRes(rows)
    assert [row["bbox"] for row in from_array.anns.values()] == [r["bbox"] for r in results]


def test_what_is_not_supported_is_refused_by_name(pair):
    ours, _, results = pair
    for name, given in (
        ("showAnns", ([],)),
        ("download", ()),
        ("annToRLE", ({},)),
        ("annToMask", ({},)),
    ):
        with pytest.raises(UsageError, match=f"COCO.{name} is not supported"):
            getattr(ours, name)(*given)
    with pytest.raises(UsageError, match="images that are not in the truth: -1"):
        ours.loadRes([{**results[0], "image_id": -1}])
    with pytest.raises(UsageError, match="masks, keypoints and captions are not supported"):
        ours.loadRes([{"image_id": results[0]["image_id"], "caption": "a cat"}])
    with pytest.raises(UsageError, match=r"expected an array \(N, 7\), got shape \(2, 6\)"):
        ours.loadRes(np.zeros((2, 6)))
    with pytest.raises(UsageError, match="expected a list of results"):
        ours.loadRes({})
