"""The images of one call: joined in order, and refused with a line that names the image."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.record_batches import check_values, joined
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


def found(count, *, boxes=None, scores=None, labels=None):
    made = np.arange(4.0 * count).reshape(-1, 4)
    return Detections(
        made if boxes is None else np.array(boxes),
        np.full(count, 0.5) if scores is None else np.array(scores),
        np.zeros(count, np.int64) if labels is None else np.array(labels),
    )


def true(count, *, boxes=None, labels=None, areas=None):
    made = np.tile([0.0, 0.0, 2.0, 3.0], (count, 1)) if boxes is None else np.array(boxes)
    truth = GroundTruth.from_boxes(made, np.zeros(count) if labels is None else labels)
    return truth if areas is None else GroundTruth(truth.boxes, truth.labels, truth.crowd, areas)


def test_every_image_gets_its_own_rows_back():
    predictions, targets = (
        [found(2), found(0), found(1, scores=[0.25])],
        [true(1), true(3), true(0)],
    )
    batch = joined(predictions, targets, ["a", "b", "c"])
    assert len(batch) == 3
    assert batch.found_starts.tolist() == [0, 2, 2, 3]
    assert batch.truth_starts.tolist() == [0, 1, 4, 4]
    for place, (one, truth) in enumerate(zip(predictions, targets, strict=True)):
        expected = (
            *(one.boxes, one.scores, one.labels),
            *(truth.boxes, truth.labels, truth.crowd, truth.areas),
        )
        for mine, given in zip(batch.arrays_of(place), expected, strict=True):
            np.testing.assert_array_equal(mine, given)


def test_columns_have_one_dtype_whatever_came():
    one = Detections(np.zeros((1, 4), np.float32), np.ones(1, np.float32), np.zeros(1, np.int32))
    batch = joined([one], [true(1)], [1])
    assert [column.dtype for column in batch.found] == [np.float64, np.float64, np.int64]
    assert [c.dtype for c in batch.truth] == [np.float64, np.int64, np.bool_, np.float64]


def test_no_images_are_a_batch_of_none():
    batch = joined([], [], [])
    assert len(batch) == 0
    assert batch.found[0].shape == batch.truth[0].shape == (0, 4)
    check_values(batch, [], 1)


@pytest.mark.parametrize(
    ("wrong", "shapes"),
    [
        (found(2, scores=[0.5]), r"\(2, 4\), \(1,\), \(2,\)"),
        (found(2, labels=[0, 0, 0]), r"\(2, 4\), \(2,\), \(3,\)"),
        (found(1, boxes=[[0.0, 0, 1]]), r"\(1, 3\), \(1,\), \(1,\)"),
        (found(1, boxes=[0.0, 0, 1, 1]), r"\(4,\), \(1,\), \(1,\)"),
        (found(1, scores=[[0.5]]), r"\(1, 4\), \(1, 1\), \(1,\)"),
    ],
)
def test_shapes_that_do_not_fit_name_their_image(wrong, shapes):
    message = rf"expected detections as boxes \(N, 4\).* got shapes {shapes} for image 'bad'; give"
    with pytest.raises(UsageError, match=message):
        joined([found(2), wrong], [true(0)] * 2, ["good", "bad"])


def test_lengths_that_even_out_over_two_images_are_seen():
    """Together both have three boxes and three scores, and neither is right by itself."""
    predictions = [found(1, scores=[0.5, 0.5]), found(2, scores=[0.5])]
    with pytest.raises(UsageError, match=r"got shapes \(1, 4\), \(2,\), \(1,\) for image 7"):
        joined(predictions, [true(0)] * 2, [7, 8])


def test_wrong_shapes_of_true_objects():
    truth = true(2, areas=np.ones(3))
    with pytest.raises(UsageError, match=r"expected true objects as boxes .* for image 1"):
        joined([found(0)], [truth], [1])


@pytest.mark.parametrize(
    ("one", "truth", "message"),
    [
        (found(1, boxes=[[0, 0, np.inf, 1]]), true(0), "finite box coordinates, got 1 detections"),
        (found(3, labels=[0, 3, -1]), true(0), r"labels in 0\.\.2, got 2 detections"),
        (found(2, scores=[0.5, np.nan]), true(0), r"scores in 0\.\.1, got 1 detections"),
        (found(2, scores=[-0.1, 1.1]), true(0), r"scores in 0\.\.1, got 2 detections"),
        (found(0), true(1, boxes=[[0, np.nan, 1, 1]]), "finite .* got 1 true objects"),
        (found(0), true(1, labels=[3]), r"labels in 0\.\.2, got 1 true objects"),
        (found(0), true(1, boxes=[[2, 0, 1, 1]]), "x1 <= x2, y1 <= y2, got 1 true objects"),
        (found(0), true(2, areas=np.array([1, -1.0])), "areas of at least 0, got 1 true objects"),
        (found(0), true(1, areas=np.array([np.nan])), "areas of at least 0, got 1 true objects"),
    ],
)
def test_numbers_out_of_range_name_the_first_image(one, truth, message):
    batch = joined([found(1), found(0), one], [true(1), true(0), truth], ["a", "b", "c"])
    with pytest.raises(UsageError, match=f"^expected .*{message} without, the first in image 'c'"):
        check_values(batch, ["a", "b", "c"], 3)


def test_the_ends_of_the_ranges_are_allowed():
    one = found(2, scores=[0.0, 1.0], labels=[0, 2])
    flat = true(1, boxes=[[1.0, 1, 1, 1]], areas=np.zeros(1))
    check_values(joined([one], [flat], [1]), [1], 3)
    with pytest.raises(UsageError, match=r"labels in 0\.\.1"):
        check_values(joined([one], [flat], [1]), [1], 2)
