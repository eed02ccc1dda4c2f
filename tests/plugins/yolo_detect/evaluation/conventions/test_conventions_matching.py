"""Which object a detection gets by each rule, on a few boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results
from problems import problem_of

from nntasks.plugins.yolo_detect.evaluation.conventions.matching import match, pair_up, scores_of
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules

EVERYWHERE = np.array([[0.0, np.inf]])
LEFT, RIGHT = [0.0, 0.0, 40.0, 40.0], [10.0, 0.0, 40.0, 40.0]


def case_of(objects, rows, images=(1, 2), classes=(1, 2)):
    whole = [(image, label, box, crowd, box[2] * box[3]) for image, label, box, crowd in objects]
    return problem_of(coco_dataset(images, classes, whole), coco_results(rows))


def taken(case, rules, ranges=EVERYWHERE):
    """Return by detection in the given order the object, as given, that it gets at IoU 0.5."""
    paired = pair_up(case, rules, ranges)
    matched = match(paired, rules)[0, 0]
    objects = np.append(paired.objects.chosen, -1)
    by_given = {int(d): int(objects[m]) for d, m in zip(paired.detection, matched, strict=True)}
    return [by_given.get(place) for place in range(len(case.records.detections.label))]


TWO = [(1, 1, LEFT, False), (1, 1, RIGHT, False)]
BOTH_LEFT = [(1, 1, LEFT, 0.9), (1, 1, [1.0, 0.0, 40.0, 40.0], 0.8)]


def test_next_free_goes_on_to_the_second_best_and_best_only_does_not():
    case = case_of(TWO, BOTH_LEFT)
    assert taken(case, Rules()) == [0, 1]
    assert taken(case, Rules(matching="best only")) == [0, -1]


def test_the_surer_detection_chooses_first():
    rows = [(*row[:3], 1 - row[3]) for row in BOTH_LEFT]
    assert taken(case_of(TWO, rows), Rules(matching="best only")) == [-1, 0]


def test_overlaps_below_a_threshold_match_nothing_at_it():
    case = case_of(TWO[:1], [(1, 1, [0.0, 0.0, 40.0, 30.0], 0.9)])  # IoU 0.75
    for matching in ("next free", "best only"):
        rules = Rules(matching=matching)
        matched = match(pair_up(case, rules, EVERYWHERE), rules)[0, :, 0]
        assert matched.tolist() == [0] * 6 + [-1] * 4


def test_another_class_or_image_is_never_matched():
    assert taken(case_of(TWO[:1], [(1, 2, LEFT, 0.9), (2, 1, LEFT, 0.8)]), Rules()) == [-1, -1]


def test_crowd_regions_take_any_number_or_are_no_objects():
    case = case_of([(1, 1, LEFT, True)], BOTH_LEFT)
    assert taken(case, Rules()) == [0, 0]
    assert taken(case, Rules(crowds="left out")) == [-1, -1]
    paired = pair_up(case, Rules(), EVERYWHERE)
    assert paired.objects.ignored.tolist() == [[True]]
    assert len(pair_up(case, Rules(crowds="left out"), EVERYWHERE).objects.chosen) == 0


def test_an_ignored_object_excuses_every_claim_by_best_only():
    case = replace(case_of(TWO[:1], BOTH_LEFT), difficult=np.array([True]))
    ignored = Rules(matching="best only", difficult="ignored")
    assert taken(case, ignored) == [0, 0]
    assert taken(case, replace(ignored, difficult="counted")) == [0, -1]


def test_the_limit_is_one_of_each_image_or_of_each_class():
    rows = [(1, 1, LEFT, 0.9), (1, 1, LEFT, 0.8), (1, 2, LEFT, 0.7), (2, 1, LEFT, 0.6)]
    case = case_of([], rows)
    kept = {
        per_class: pair_up(case, Rules(most=1, per_class=per_class), EVERYWHERE).detection.tolist()
        for per_class in (True, False)
    }
    assert kept == {True: [0, 2, 3], False: [0, 3]}
    assert len(pair_up(case, Rules(most=None), EVERYWHERE).detection) == 4


def test_places_count_within_an_image_and_class():
    rows = [(1, 1, LEFT, 0.7), (1, 2, LEFT, 0.8), (1, 1, LEFT, 0.9), (2, 1, LEFT, 0.6)]
    paired = pair_up(case_of([], rows), Rules(), EVERYWHERE)
    assert paired.detection.tolist() == [2, 0, 1, 3]
    assert paired.place.tolist() == [0, 1, 0, 0]
    assert paired.detection[paired.by_image].tolist() == [2, 1, 0, 3]


def test_a_pixel_makes_boxes_wider_and_overlaps_larger():
    """Two columns of 3 and 1 pixels share a half once both edges belong to a box: 2 of 4."""
    case = case_of([(1, 1, [0.0, 0.0, 3.0, 9.0], False)], [(1, 1, [0.0, 0.0, 1.0, 9.0], 0.9)])
    assert taken(case, Rules()) == [-1]
    assert taken(case, Rules(pixel=1)) == [0]
    assert pair_up(case, Rules(pixel=1), EVERYWHERE).area.tolist() == [20.0]


def test_objects_outside_of_a_range_are_ignored_in_it():
    case = case_of(TWO, BOTH_LEFT)
    ranges = np.array([[0.0, 1600.0], [1600.5, 1e9]])
    assert pair_up(case, Rules(), ranges).objects.ignored.tolist() == [[False, True]] * 2


@pytest.mark.parametrize("arithmetic", ["single", "single boxes"])
def test_single_precision_uses_the_area_of_the_box_and_not_the_stated_one(arithmetic):
    dataset = coco_dataset([1], [1], [(1, 1, LEFT, False, 100.0)])  # of a mask
    case, ranges = problem_of(dataset, []), np.array([[0.0, 200.0]])
    assert pair_up(case, Rules(), ranges).objects.ignored.tolist() == [[False]]
    single = pair_up(case, Rules(arithmetic=arithmetic), ranges)
    assert single.objects.ignored.tolist() == [[True]]


def test_scores_that_differ_in_double_precision_alone():
    case = case_of([], [(1, 1, LEFT, 0.5), (1, 1, LEFT, 0.5 + 1e-12)])
    double, single = (scores_of(case, Rules(arithmetic=one)) for one in ("double", "single"))
    assert double[0] < double[1]
    assert single[0] == single[1]
    assert pair_up(case, Rules(), EVERYWHERE).detection.tolist() == [1, 0]
    assert pair_up(case, Rules(arithmetic="single"), EVERYWHERE).detection.tolist() == [0, 1]


def test_half_of_a_box_overlaps_by_a_half_in_every_arithmetic():
    case = case_of([(1, 1, LEFT, False)], [(1, 1, [0.0, 0.0, 40.0, 20.0], 0.9)])
    for arithmetic in ("double", "single", "single boxes"):
        assert taken(case, Rules(arithmetic=arithmetic)) == [0], arithmetic
