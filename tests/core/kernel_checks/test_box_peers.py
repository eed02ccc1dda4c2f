"""The peers of NMS and box IoU: each gets the same input, and what differs is said."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks import box_peers
from nntasks.kernel_checks.inputs import clustered_boxes, random_boxes, random_groups, random_scores

BOXES, SCORES = clustered_boxes(300, objects=20), random_scores(300)


@pytest.fixture
def without_powerboxes(monkeypatch):
    real = builtins.__import__

    def absent(name, *arguments, **keys):
        if name == "powerboxes":
            raise ImportError(name)
        return real(name, *arguments, **keys)

    monkeypatch.setattr(builtins, "__import__", absent)


def test_a_library_that_is_not_installed_has_no_calls(without_powerboxes):
    labels = random_groups(300, 5)
    assert set(box_peers.nms_calls(BOXES, SCORES, 0.5)) == {"ours", "torchvision"}
    assert set(box_peers.batched_nms_calls(BOXES, SCORES, labels, 0.5)) == {"ours", "torchvision"}
    assert set(box_peers.box_iou_calls(BOXES, BOXES, "iou")) == {"ours", "torchvision"}


def test_everyone_keeps_the_same_boxes():
    calls = box_peers.nms_calls(BOXES, SCORES, 0.5)
    ours = calls["ours"]()
    assert torch.equal(ours, ops.nms(BOXES, SCORES, 0.5))
    assert 0 < len(ours) < 300
    for name, call in calls.items():
        assert box_peers.kept_alike(ours, call()) == "", name


def test_everyone_keeps_the_same_boxes_within_classes():
    calls = box_peers.batched_nms_calls(BOXES, SCORES, random_groups(300, 5), 0.5)
    ours = calls["ours"]()
    assert len(ours) > len(ops.nms(BOXES, SCORES, 0.5))
    for name, call in calls.items():
        assert box_peers.kept_alike(ours, call()) == "", name


@pytest.mark.parametrize("kind", ["iou", "giou", "diou", "ciou"])
def test_everyone_gives_the_same_iou(kind):
    boxes = random_boxes(300)
    calls = box_peers.box_iou_calls(boxes, boxes[:50], kind)
    ours = calls["ours"]()
    assert ours.shape == (300, 50)
    for name, call in calls.items():
        assert box_peers.ious_alike(ours, call()) == "", name


def test_powerboxes_takes_part_where_it_is_installed():
    pytest.importorskip("powerboxes")
    labels = random_groups(300, 5)
    assert set(box_peers.nms_calls(BOXES, SCORES, 0.5)) == {"ours", *box_peers.NMS_PEERS}
    batched = box_peers.batched_nms_calls(BOXES, SCORES, labels, 0.5)
    assert set(batched) == {"ours", *box_peers.BATCHED_NMS_PEERS}
    assert set(box_peers.box_iou_calls(BOXES, BOXES, "giou")) == {"ours", *box_peers.IOU_PEERS}
    others = set(box_peers.box_iou_calls(BOXES, BOXES, "ciou"))
    assert others == {"ours", *box_peers.OTHER_IOU_PEERS}


def test_boxes_that_only_one_side_keeps_are_counted():
    ours = torch.tensor([5, 3, 1])
    assert box_peers.kept_alike(ours, np.array([1, 3, 5], dtype=np.uint64)) == ""
    assert box_peers.kept_alike(ours, torch.tensor([5, 3, 2])) == "2 of 3 kept differ"
    assert box_peers.kept_alike([ours, ours], [ours, ours[:2]]) == "1 of 6 kept differ"


def test_the_largest_difference_of_iou_is_named_in_any_row():
    ours = torch.linspace(0, 1, 3000).reshape(1000, 3)
    theirs = ours.clone()
    theirs[700, 1] += 0.3
    assert box_peers.ious_alike(ours, theirs) == "differs by 3e-01"
    assert box_peers.ious_alike(ours, 1 - ours.double().numpy()) == ""


def test_several_inputs_are_one_call():
    sets = [{"ours": lambda n=n: n} for n in range(3)]
    assert box_peers.one_after_another(sets)["ours"]() == [0, 1, 2]
