"""VOC's numbers against figures, the known example, and a walk down the ranking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results, hard_data
from problems import problem_of
from score_problems import PROBLEMS, problem
from toy_example import found, truths

from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.plugins.yolo_detect.evaluation.conventions.voc import (
    ALL_POINTS_RULES,
    VOC_2007_RULES,
    VOC_2010_RULES,
    voc_2007,
    voc_2010,
    voc_all_points,
)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_figures_of_the_program(real_data, name):
    dataset, results, figures = problem(real_data, name)
    case = problem_of(dataset, results)
    precision = rank(case, ALL_POINTS_RULES).average_precision(ALL_POINTS_RULES.average)[0]
    theirs = [figures["voc_all_points"].get(name, np.nan) for name in case.class_names]
    expected = pytest.approx(theirs, abs=1e-9, rel=0, nan_ok=True)
    assert precision.tolist() == expected
    assert voc_all_points(case)["map50"] == pytest.approx(np.nanmean(theirs), abs=1e-9, rel=0)


def average_by_walk(case, rules, iou):
    """AP of one class by VOC's rules, object by object."""
    records = case.records
    used, right = set(), []
    for index in np.argsort(-records.detections.score, kind="stable"):
        best, which = -1.0, None
        box = records.detections.box[index]
        for other in np.flatnonzero(records.truths.image == records.detections.image[index]):
            true = records.truths.box[other]
            size, other_size = (b[2:] + rules.pixel for b in (box, true))
            ends = np.minimum(size + box[:2], other_size + true[:2])
            sides = ends - np.maximum(box[:2], true[:2])
            if (sides <= 0).any() or records.truths.crowd[other]:
                continue
            union = np.prod(size) + np.prod(other_size) - np.prod(sides)
            value = np.prod(sides) / union
            if value > best:
                best, which = value, other
        near = which is not None and best >= iou
        if near and case.difficult[which] and rules.difficult == "ignored":
            continue
        right.append(best >= iou and which not in used)
        if right[-1]:
            used.add(which)
    counted = ~records.truths.crowd
    if rules.difficult == "ignored":
        counted &= ~case.difficult
    places = np.flatnonzero(right) + 1
    precision = np.arange(1, len(places) + 1) / places
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return best.sum() / counted.sum()


def test_the_known_example_has_inclusive_edges():
    case = problem_of(coco_dataset(range(1, 8), [1], truths()), coco_results(found()))
    # It is usually shown at IoU 0.3, with the pixel more on each side.
    assert average_by_walk(case, VOC_2010_RULES, 0.3) == pytest.approx(0.2457, abs=5e-5)
    assert average_by_walk(case, ALL_POINTS_RULES, 0.3) == pytest.approx(0.2254, abs=5e-5)
    for rules in (VOC_2010_RULES, ALL_POINTS_RULES):
        ours = rank(case, rules).average_precision(rules.average)[0, 0]
        assert ours == pytest.approx(average_by_walk(case, rules, 0.5), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rules", [VOC_2010_RULES, ALL_POINTS_RULES])
def test_a_walk_down_the_ranking_gives_the_same(seed, rules):
    dataset, results = hard_data(seed)
    for row in (*dataset["annotations"], *results):
        row["category_id"] = dataset["categories"][0]["id"]
    case = problem_of(dataset, results)
    difficult = np.random.default_rng(seed).random(len(case.difficult)) < 0.3
    case = replace(case, difficult=difficult)
    precision = rank(case, rules).average_precision(rules.average)[:, 0]
    assert precision[0] == pytest.approx(average_by_walk(case, rules, 0.5), abs=1e-12)
    assert precision[5] == pytest.approx(average_by_walk(case, rules, 0.75), abs=1e-12)


def test_difficult_objects_are_neither_missed_nor_found():
    boxes = [[0, 0, 10, 10], [50, 50, 10, 10]]
    dataset = coco_dataset([1], [1], [(1, 1, box, False, 100.0) for box in boxes])
    case = problem_of(dataset, coco_results([(1, 1, box, 0.9) for box in boxes]))
    case = replace(case, difficult=np.array([True, False]))
    for rules, counted in ((VOC_2010_RULES, 1), (ALL_POINTS_RULES, 2)):
        ranking = rank(case, rules)
        assert ranking.counted[0].sum() == ranking.right[0].sum() == counted
        assert ranking.truths.tolist() == [counted]


def test_a_second_detection_of_a_difficult_object_is_not_wrong():
    dataset = coco_dataset([1], [1], [(1, 1, [0, 0, 10, 10], False, 100.0)] * 1)
    case = problem_of(dataset, coco_results([(1, 1, [0, 0, 10, 10], 0.9)] * 2))
    case = replace(case, difficult=np.array([True]))
    assert not rank(case, VOC_2007_RULES).counted.any()
    assert np.isnan(voc_2007(case)["map50"])


def test_eleven_points_give_more_weight_to_recall_zero():
    boxes = [[20.0 * i, 0, 10, 10] for i in range(4)]
    dataset = coco_dataset([1], [1], [(1, 1, box, False, 100.0) for box in boxes])
    case = problem_of(dataset, coco_results([(1, 1, boxes[0], 0.9)]))
    assert voc_2007(case)["map50"] == pytest.approx(3 / 11)  # recalls 0, 0.1, 0.2
    assert voc_2010(case)["map50"] == pytest.approx(1 / 4)
