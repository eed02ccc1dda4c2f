"""COCO's numbers straight from boxes, against pycocotools and those of the table of matches."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import (
    OBJECTS,
    ROWS,
    coco_dataset,
    coco_results,
    hard_data,
    reference,
    samples,
)

from nntasks import ops
from nntasks.plugins.yolo_detect.evaluation.coco import coco_numbers
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.evaluation import evaluate
from nntasks.plugins.yolo_detect.evaluation.matches import match_table
from nntasks.plugins.yolo_detect.evaluation.records import Records


@pytest.fixture(params=["python", "native"])
def engine(request):
    if request.param == "native" and EVALUATOR.compiled() is None:
        pytest.skip("the evaluator is not compiled")
    with ops.use("python" if request.param == "python" else "auto"):
        yield request.param


def records_of(dataset, results):
    predictions, targets, ids = samples(dataset, results)
    records = Records(len(dataset["categories"]))
    records.add(predictions, targets, ids)
    return records.flat()


@pytest.mark.parametrize("seed", range(12))
def test_every_number_is_that_of_pycocotools(engine, seed):
    dataset, results = hard_data(seed)
    theirs = reference(dataset, results)
    ours = evaluate(records_of(dataset, results), len(dataset["categories"]))
    exact = {"rtol": 0, "atol": 1e-12}
    summary = np.nan_to_num(list(ours.summary().values()), nan=-1)
    np.testing.assert_allclose(summary, theirs.stats[:12], **exact)
    precision = theirs.eval["precision"][..., -1].mean(axis=1).transpose(2, 0, 1)
    np.testing.assert_allclose(np.nan_to_num(ours.precision, nan=-1), precision, **exact)
    recall = theirs.eval["recall"][..., -1].transpose(2, 0, 1)
    np.testing.assert_allclose(np.nan_to_num(ours.recall, nan=-1), recall, **exact)
    for place, count in enumerate((1, 10)):
        best = theirs.eval["recall"][:, :, 0, place]
        np.testing.assert_allclose(np.nan_to_num(ours.recall_at[count], nan=-1), best, **exact)


@pytest.mark.parametrize("most", [1, 7, 100])
def test_bits_are_those_of_the_table(engine, most):
    dataset, results = hard_data(13)
    records, names = records_of(dataset, results), [str(row["id"]) for row in dataset["categories"]]
    recalls = np.linspace(0, 1, 11)
    ours = evaluate(records, len(names), max_detections=most, recalls=recalls)
    expected = coco_numbers(match_table(records, names, max_detections=most), recalls=recalls)
    np.testing.assert_array_equal(ours.precision, expected.precision)
    np.testing.assert_array_equal(ours.recall, expected.recall)
    assert list(ours.recall_at) == list(expected.recall_at)
    for count, recall in expected.recall_at.items():
        np.testing.assert_array_equal(ours.recall_at[count], recall)


def test_an_example_by_hand(engine):
    ours = evaluate(records_of(coco_dataset([1, 2], [1, 2], OBJECTS), coco_results(ROWS)), 2)
    assert ours.summary()["map50"] == pytest.approx(51 / 101 / 2)
    assert ours.summary()["ar1"] == 0.25


def test_nothing_at_all(engine):
    numbers = evaluate(Records(3).flat(), 3)
    assert np.isnan(list(numbers.summary().values())).all()
    assert numbers.precision.shape == (4, 10, 3)
