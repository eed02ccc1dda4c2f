"""Typical inputs of the kernels: shapes and ranges as they say, the same for the same seed."""

from __future__ import annotations

import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks import inputs
from nntasks.kernel_checks.inputs import Case, by_reference


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: inputs.random_boxes(9, seed),
        lambda seed: inputs.clustered_boxes(9, 3, seed),
        lambda seed: inputs.random_scores(9, seed),
        lambda seed: inputs.random_groups(90, 5, seed),
        lambda seed: inputs.matching(4, seed)[2],
        lambda seed: inputs.detections(4, seed)["detections"][2],
        lambda seed: inputs.weighting(4, seed)[2],
    ],
)
def test_the_seed_decides(make):
    assert torch.equal(make(3), make(3))
    assert not torch.equal(make(3), make(4))


def test_boxes_have_sides_of_1_to_100():
    boxes = inputs.random_boxes(1000)
    sides = boxes[:, 2:] - boxes[:, :2]
    assert boxes.shape == (1000, 4)
    assert sides.min() >= 1 - 1e-3
    assert sides.max() <= 100 + 1e-3


def test_clustered_boxes_leave_about_one_box_an_object():
    boxes = inputs.clustered_boxes(500, objects=10)
    kept = ops.nms(boxes, inputs.random_scores(500), 0.3)
    assert len(kept) < 250
    assert len(ops.nms(inputs.random_boxes(500), inputs.random_scores(500), 0.3)) > 250


def test_groups_are_all_in_use():
    assert inputs.random_groups(1000, 7).unique().tolist() == list(range(7))


def test_weights_of_words_fall_with_their_rank():
    weights = inputs.word_weights(100)
    assert weights[0] == 1
    assert (weights.diff() < 0).all()
    assert weights[15] == pytest.approx(16**-0.75)


def test_each_word_has_its_row_and_the_next():
    starts, rows = inputs.word_parts(3)
    assert starts.tolist() == [0, 2, 4, 6]
    assert rows.tolist() == [0, 1, 1, 2, 2, 0]


@pytest.mark.parametrize("images", [1, 6])
def test_ops_take_what_is_made_for_them(images):
    assert len(ops.match_detections(**inputs.detections(images)).row)
    assert ops.match_greedily(*inputs.matching(images)) is not None
    assert ops.precision_at_recalls(*inputs.rankings(images)) is not None
    found = torch.ops.nntasks.match_detections(*inputs.raw_detections(images))
    assert len(found) > 1


def test_weightings_are_taken_too():
    rankings, truths, weights, recalls = inputs.weighting(3)
    assert weights.shape == (3, 40)
    found = ops.weighted_ap(rankings, truths, weights, recalls)
    assert all(3 in numbers.shape for numbers in found)


def test_a_case_times_the_reference_unless_it_is_told_not_to():
    used = []
    case = Case("op", "work", lambda: {"ours": lambda: used.append(ops.active())})
    before = ops.active()
    for call in case.calls().values():
        call()
    assert used == [before, "python"]
    assert ops.active() == before
    assert set(Case("op", "work", lambda: {"ours": print}, with_python=False).calls()) == {"ours"}


def test_the_reference_is_left_after_an_error():
    before = ops.active()
    with pytest.raises(ZeroDivisionError):
        by_reference(lambda: 1 / 0)()
    assert ops.active() == before
