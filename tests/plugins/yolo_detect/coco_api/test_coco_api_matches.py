"""Matches by category and by image: the same ones, with ids of detections and objects."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from detection_oracle import A, B, coco_dataset, coco_results, hard_data

from nntasks.plugins.yolo_detect.coco_api import COCO
from nntasks.plugins.yolo_detect.coco_api.class_results import from_images
from nntasks.plugins.yolo_detect.coco_api.cocoeval import Params
from nntasks.plugins.yolo_detect.coco_api.matches import match

RECALLS = np.linspace(0, 1, 11)


def matched(dataset, results, **changes):
    truth = COCO()
    truth.dataset = dataset
    truth.createIndex()
    params = Params("bbox")
    params.imgIds = sorted(truth.imgs)
    params.catIds = sorted(truth.cats)
    for name, value in changes.items():
        setattr(params, name, value)
    with contextlib.redirect_stdout(io.StringIO()):
        return match(truth, truth.loadRes(results), params)


def example(**changes):
    """Image 5 has an object of category 1, a crowd region, and one of category 3; image 8 none."""
    crowd = [200.0, 0.0, 100.0, 100.0]
    objects = [(5, 1, crowd, True, 10000.0), (5, 1, A, False, 1600.0), (5, 3, B, False, 1600.0)]
    rows = [(5, 1, A, 0.4), (5, 1, [210.0, 0.0, 40.0, 40.0], 0.8), (8, 3, A, 0.6), (5, 1, A, 0.3)]
    return matched(coco_dataset([5, 8], [1, 3], objects), coco_results(rows), **changes)


def test_an_image_of_a_category_by_hand():
    cells = example().images()
    assert len(cells) == 2 * 4 * 2
    first = cells[0]
    assert (first["image_id"], first["category_id"], first["maxDet"]) == (5, 1, 100)
    assert first["dtScores"] == [0.8, 0.4, 0.3]
    assert first["dtIds"] == [2, 1, 4]
    assert first["gtIds"] == [2, 1]  # the crowd region last
    assert first["gtIgnore"].tolist() == [0, 1]
    assert first["dtMatches"][0].tolist() == [1, 2, 0]
    assert first["gtMatches"][0].tolist() == [1, 2]  # ids of detections
    assert first["dtIgnore"][0].tolist() == [True, False, False]


def test_images_with_nothing_of_a_category_are_none():
    cells = example().images()
    assert [cell is None for cell in cells[:2]] == [False, True]  # category 1, all areas
    assert [cell is None for cell in cells[8:10]] == [False, False]  # category 3
    assert cells[9]["dtIds"] == [3]
    assert cells[9]["gtIds"] == []
    assert cells[8]["dtMatches"].shape == (10, 0)


def test_categories_by_hand():
    one, three = example().classes()
    assert one.score.tolist() == [0.8, 0.4, 0.3]
    assert one.right[0, 0].tolist() == [True, True, False]
    assert one.ignored[0, 0].tolist() == [True, False, False]
    assert one.objects.tolist() == [1, 0, 1, 0]
    assert three.right[0, 0].tolist() == [False]
    assert three.objects.tolist() == [1, 0, 1, 0]


def test_without_categories_all_boxes_are_of_one():
    (whole,) = example(useCats=0).classes()
    assert whole.score.tolist() == [0.8, 0.6, 0.4, 0.3]
    assert whole.objects[0] == 2
    assert example(useCats=0).images()[0]["category_id"] == -1


def test_chosen_images_and_categories_alone():
    few = example(imgIds=[8], catIds=[3])
    assert few.found["id"].tolist() == [3]
    assert few.true["id"].tolist() == []


@pytest.mark.parametrize("changes", [{}, {"useCats": 0}, {"iouThrs": np.array([0.3, 0.75])}])
def test_both_ways_to_read_them_give_the_same_curves(changes):
    found = matched(*hard_data(2), **changes)
    ways = zip(found.classes(), from_images(found.images(), found.params), strict=True)
    for one, other in ways:
        np.testing.assert_array_equal(one.score, other.score)
        np.testing.assert_array_equal(one.objects, other.objects)
        for area in range(4):
            if one.objects[area]:
                mine, theirs = (each.curve(area, 0, RECALLS) for each in (one, other))
                np.testing.assert_array_equal(mine[1], theirs[1])
                assert mine[0] == theirs[0]


def test_no_results_at_all():
    found = matched(coco_dataset([1], [1], []), [])
    assert found.images() == [None] * 4
    assert found.matched.shape == (0, 4, 10)
