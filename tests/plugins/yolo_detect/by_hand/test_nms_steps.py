"""NMS box by box, against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect import Boxes, iou, nms_steps


def random_boxes(seed, count=300):
    rng = np.random.default_rng(seed)
    corner, size = rng.uniform(0, 60, (count, 2)), rng.uniform(5, 30, (count, 2))
    scores = rng.integers(1, 100, count) / 100  # with ties
    boxes = np.concatenate([corner, corner + size], axis=1)
    return Boxes.of(boxes, scores, rng.integers(0, 3, count), ["a", "b", "c"])


def plain_loop(found, threshold, groups):
    """Return the box that suppressed each, or -1."""
    overlaps, kept, by = iou(found, found), [], np.full(len(found), -1)
    for box in sorted(range(len(found)), key=lambda box: (-found.scores[box], box)):
        rivals = [k for k in kept if groups[k] == groups[box] and overlaps[box, k] > threshold]
        if rivals:
            by[box] = rivals[0]
        else:
            kept.append(box)
    return kept, by


@pytest.mark.parametrize("across", [False, True], ids=["per class", "across classes"])
@pytest.mark.parametrize("seed", range(3))
def test_a_plain_loop_decides_alike(seed, across):
    found = random_boxes(seed)
    steps = nms_steps(found, 0.4, across_classes=across)
    kept, by = plain_loop(found, 0.4, np.zeros(300) if across else found.labels)
    assert steps.kept.tolist() == kept
    assert steps.suppressed_by.tolist() == by.tolist()
    dropped = np.flatnonzero(by >= 0)
    assert len(dropped) > 20
    assert np.array_equal(steps.overlap[dropped], iou(found, found)[dropped, by[dropped]])
    assert np.isnan(steps.overlap[kept]).all()
    strongest = kept[0]
    assert sorted(steps.suppressed(strongest)) == np.flatnonzero(by == strongest).tolist()


def test_steps_worked_out_by_hand():
    found = Boxes.of(
        [[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 10], [20, 0, 30, 10]],
        [0.6, 0.9, 0.8, 0.7],
        [0, 0, 1, 0],
        ["cat", "dog"],
    )
    steps = nms_steps(found, 0.5)
    assert [(row["box"], row["result"], row["by"]) for row in steps.table] == [
        (1, "kept", None),
        (2, "kept", None),  # another class
        (3, "kept", None),
        (0, "suppressed", 1),
    ]
    assert steps.table[3]["iou"] == 0.9
    assert steps.final.scores.tolist() == [0.9, 0.8, 0.7]
    assert "4 boxes, 3 kept" in repr(steps)


def test_no_boxes():
    steps = nms_steps(Boxes.of([], []))
    assert (len(steps.final), list(steps.table)) == (0, [])
