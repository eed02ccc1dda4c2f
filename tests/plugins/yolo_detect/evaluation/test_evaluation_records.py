"""Images added one after another: each counts once, in the order of its id."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.records import Records
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


def found(*scores, x=0.0):
    boxes = np.array([[x, 0, x + 10, 20]] * len(scores)).reshape(-1, 4)
    return Detections(boxes, np.array(scores), np.zeros(len(scores), np.int64))


def true(count, x=0.0):
    return GroundTruth.from_boxes([[x, 1, x + 3, 5]] * count, [1] * count)


def records_of(images):
    records = Records(2)
    for name, (one, truth) in images.items():
        records.add([one], [truth], [name])
    return records


IMAGES = {
    "b": (found(0.3), true(1, 5.0)),
    10: (found(0.9, 0.8), true(2)),
    "a": (found(), true(1)),
    9: (found(0.5, x=7.0), true(0)),
}


def test_numbers_come_before_names_and_boxes_become_sizes():
    flat = records_of(IMAGES).flat()
    assert flat.image_ids == (9, 10, "a", "b")
    assert flat.detections.image.tolist() == [0, 1, 1, 3]
    assert flat.detections.score.tolist() == [0.5, 0.9, 0.8, 0.3]
    assert flat.detections.box[0].tolist() == [7.0, 0.0, 10.0, 20.0]
    assert flat.truths.image.tolist() == [1, 1, 2, 3]
    assert flat.truths.box[-1].tolist() == [5.0, 1.0, 3.0, 4.0]
    assert flat.truths.area.tolist() == [12.0] * 4
    assert flat.truths.label.tolist() == [1] * 4
    assert flat.truths.crowd.tolist() == [False] * 4


def assert_same(one, other):
    assert one.image_ids == other.image_ids
    for side in ("detections", "truths"):
        for name, column in vars(getattr(one, side)).items():
            np.testing.assert_array_equal(column, getattr(getattr(other, side), name))


def test_batches_and_their_order_do_not_matter():
    names = [9, "a", "b", 10]
    whole = Records(2)
    whole.add([IMAGES[n][0] for n in names], [IMAGES[n][1] for n in names], names)
    assert_same(whole.flat(), records_of(IMAGES).flat())


def test_merging_is_adding():
    first, second = (
        records_of({name: IMAGES[name] for name in names}) for names in (("b", 9), (10, "a", 9))
    )
    first.merge(second)
    assert len(first) == 4
    assert set(first) == set(IMAGES)
    assert_same(first.flat(), records_of(IMAGES).flat())


def test_the_same_image_counts_once_also_within_a_batch():
    records = Records(2)
    records.add([found(0.5)] * 2, [true(1)] * 2, [3, np.int64(3)])
    records.add([found(0.5), found(0.6)], [true(1)] * 2, [3, 4])
    assert len(records) == 2
    assert records.flat().detections.score.tolist() == [0.5, 0.6]


@pytest.mark.parametrize("other", [(found(0.6), true(1)), (found(0.5), true(2))])
def test_the_same_image_with_other_boxes_is_refused_and_nothing_is_added(other):
    records = records_of({3: (found(0.5), true(1))})
    before = records.flat()
    message = "image 3 came twice with different boxes; give every image its own id"
    with pytest.raises(UsageError, match=message):
        records.add([found(0.1), other[0]], [true(0), other[1]], [1, 3])
    with pytest.raises(UsageError, match=message):
        records.merge(records_of({1: (found(0.1), true(0)), 3: other}))
    assert_same(records.flat(), before)
    records.add([found(0.2)], [true(1)], [1])  # what failed leaves no trace
    assert records.flat().detections.score.tolist() == [0.2, 0.5]


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(UsageError, match="one id per image, got 1, 2 and 1; pass three lists"):
        Records(2).add([found()], [true(0)] * 2, [1])


def test_nothing_at_all():
    flat = Records(2).flat()
    assert flat.image_ids == ()
    assert flat.detections.box.shape == flat.truths.box.shape == (0, 4)
