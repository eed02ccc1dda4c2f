"""Every program's numbers of weighted images, against its evaluation of images that repeat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detection_oracle import hard_data, samples
from hypothesis import given
from hypothesis import strategies as st
from problems import problem_of
from property_tests import examples
from score_problems import problem

from nntasks import ops
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.records import FlatDetections, FlatTruths, Records


def hard_problem(seed, images, *, ties):
    """Return images with crowds, difficult objects and, if wanted, equal scores."""
    dataset, results = hard_data(seed, images=images)
    predictions, targets, ids = samples(dataset, results)
    records = Records(len(dataset["categories"]))
    records.add(predictions, targets, ids)
    flat = records.flat()
    rng = np.random.default_rng(seed)
    if not ties:
        score = rng.permutation(len(flat.detections.score)) / (len(flat.detections.score) + 1)
        flat = replace(flat, detections=replace(flat.detections, score=score))
    names = tuple(str(row["name"]) for row in dataset["categories"])
    difficult = rng.random(len(flat.truths.label)) < 0.2
    return Problem(names, flat, difficult, np.zeros(len(difficult), bool))


def copied(case, weights):
    """Return the problem in which the i-th image is there weights[i] times."""
    records = case.records

    def rows_of(image):
        order = np.argsort(image, kind="stable")
        starts = np.searchsorted(image[order], np.arange(len(weights) + 1))
        rows, owners, place = [], [], 0
        for i, times in enumerate(weights):
            for _ in range(times):
                rows.append(order[starts[i] : starts[i + 1]])
                owners.append(np.full(len(rows[-1]), place))
                place += 1
        return (np.concatenate([np.empty(0, int), *part]) for part in (rows, owners))

    found, owner = rows_of(records.detections.image)
    true, true_owner = rows_of(records.truths.image)
    d, t = records.detections, records.truths
    made = replace(
        records,
        image_ids=tuple(range(int(np.sum(weights)))),
        detections=FlatDetections(owner, d.label[found], d.score[found], d.box[found]),
        truths=FlatTruths(true_owner, t.label[true], t.box[true], t.crowd[true], t.area[true]),
    )
    return Problem(case.class_names, made, case.difficult[true], case.without_id[true])


def draws(images, resamples, seed=0):
    rng = np.random.default_rng(seed)
    return rng.multinomial(images, np.full(images, 1 / images), resamples).astype(np.uint8)


def assert_equal_to_new_evaluations(case, weights, programs=tuple(PROGRAMS)):
    for name in programs:
        ours = PROGRAMS[name].weighted(case)(weights).numbers
        for b, drawn in enumerate(weights):
            for number, value in PROGRAMS[name].compute(copied(case, drawn)).items():
                np.testing.assert_allclose(
                    ours[number][b], value, rtol=0, atol=1e-12, err_msg=f"{name} {number} {b}"
                )


@pytest.mark.parametrize("seed", range(4))
def test_crowds_difficult_objects_and_empty_images(seed):
    case = hard_problem(seed, 12, ties=False)
    assert_equal_to_new_evaluations(case, draws(12, 6, seed))


@examples(10)
@given(seed=st.integers(0, 10**6))
def test_any_weights(seed):
    weights = np.random.default_rng(seed).integers(0, 4, (3, 4)).astype(np.uint8)
    assert_equal_to_new_evaluations(hard_problem(seed, 4, ties=False), weights)


# The others sort equal scores by NumPy's default sort, which leaves them in no particular order.
STABLE = [name for name, one in PROGRAMS.items() if one.rules.order == "stable"]


@pytest.mark.parametrize("seed", range(4))
def test_equal_scores(seed):
    assert_equal_to_new_evaluations(hard_problem(seed, 12, ties=True), draws(12, 6, seed), STABLE)


@pytest.mark.parametrize("name", ["usual", "tiny", "crowded"])
def test_the_problems(real_data, name):
    case = problem_of(*problem(real_data, name)[:2])
    assert_equal_to_new_evaluations(case, draws(len(case.records.image_ids), 2), STABLE)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_weight_one_is_the_evaluation(real_data, name):
    case = problem_of(*problem(real_data, "coco128_val2017")[:2])
    ours = PROGRAMS[name].weighted(case)(np.ones((1, 128), np.uint8)).numbers
    expected = PROGRAMS[name].compute(case)
    assert {key: ours[key][0] for key in expected} == pytest.approx(
        expected, rel=0, abs=1e-12, nan_ok=True
    )


def test_numbers_of_classes_have_the_mean_of_all():
    case, weights = hard_problem(3, 12, ties=False), draws(12, 5)
    for name, program in PROGRAMS.items():
        found = program.weighted(case)(weights)
        assert {program.map50, program.map50_95} - {""} <= set(found.per_class)
        for number, values in found.per_class.items():
            np.testing.assert_allclose(
                np.nanmean(values, axis=0), found.numbers[number], atol=1e-12, err_msg=name
            )


def test_compiled_code_and_python_give_the_same_bits():
    case, weights = hard_problem(5, 12, ties=True), draws(12, 40)
    for name in ("ultralytics", "yolov5"):
        results = []
        for mode in ("auto", "python"):
            with ops.use(mode):
                results.append(PROGRAMS[name].weighted(case)(weights))
        for number, values in results[0].per_class.items():
            np.testing.assert_array_equal(values, results[1].per_class[number])


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_detections_and_no_objects(name):
    empty = Problem.of(("a", "b"), Records(2).flat())
    found = PROGRAMS[name].weighted(empty)(np.empty((3, 0), np.uint8))
    assert all(np.isnan(values).all() for values in found.numbers.values())
