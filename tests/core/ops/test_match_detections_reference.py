"""The reference of `match_detections`: small cases that are known by hand, and its pieces."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.ops import _match_detections_reference as reference
from nntasks.ops._match_detections_reference import match_reference

RANGES = [[0.0, 1e10], [0.0, 50.0]]
SQUARE = [0.0, 0.0, 10.0, 10.0]  # x, y, width, height


def matched(found, true, *, thresholds=(0.5,), most=100):
    """Match (image, label, score, box) with (image, label, box, crowd)."""

    def column(rows, place, dtype, shape=(-1,)):
        return torch.tensor([row[place] for row in rows], dtype=dtype).reshape(shape)

    whole, double = torch.int64, torch.float64
    box = column(true, 2, double, (-1, 4))
    names = ("detection", "place", "outside", "truth", "ignored", "row", "matched", "row_ignored")
    own = [column(found, place, kind) for place, kind in enumerate((whole, whole, double))]
    results = match_reference(
        [*own, column(found, 3, double, (-1, 4))],
        [
            column(true, 0, whole),
            column(true, 1, whole),
            box,
            column(true, 3, torch.bool),
            box[:, 2] * box[:, 3],
        ],
        torch.tensor(thresholds, dtype=double),
        torch.tensor(RANGES, dtype=double),
        most,
    )
    return dict(zip(names, results, strict=True))


def test_the_surer_detection_takes_the_object():
    found = matched([(0, 1, 0.5, SQUARE), (0, 1, 0.9, SQUARE)], [(0, 1, SQUARE, False)])
    assert found["detection"].tolist() == [1, 0]
    assert found["matched"][:, 0, 0].tolist() == [0, -1]


def test_objects_of_other_images_and_labels_are_not_taken():
    true = [(1, 1, SQUARE, False), (0, 2, SQUARE, False)]
    assert matched([(0, 1, 0.5, SQUARE)], true)["row"].tolist() == []


def test_a_higher_threshold_needs_a_better_box():
    half = [0.0, 0.0, 10.0, 6.0]  # IoU 0.6
    found = matched([(0, 1, 0.5, half)], [(0, 1, SQUARE, False)], thresholds=(0.5, 0.75))
    assert found["matched"][0, 0].tolist() == [0, -1]


def test_a_crowd_takes_many_and_none_of_them_counts():
    found = matched([(0, 1, 0.9, SQUARE), (0, 1, 0.8, SQUARE)], [(0, 1, SQUARE, True)])
    assert found["matched"][:, 0, 0].tolist() == [0, 0]
    assert found["row_ignored"][:, 0, 0].tolist() == [True, True]


def test_large_objects_do_not_count_in_the_small_range():
    found = matched([(0, 1, 0.9, SQUARE)], [(0, 1, SQUARE, False)])
    assert found["outside"].tolist() == [[False, True]]
    assert found["ignored"].tolist() == [[False, True]]


def test_the_surest_of_an_image_are_kept_and_undefined_scores_come_last():
    rows = [(0, 1, score, SQUARE) for score in (0.5, float("nan"), 0.9)]
    found = matched(rows, [], most=2)
    assert found["detection"].tolist() == [2, 0]
    assert found["place"].tolist() == [0, 1]


def test_nothing_at_all():
    found = matched([], [])
    assert {name: len(one) for name, one in found.items()} == dict.fromkeys(found, 0)


@pytest.mark.parametrize(
    ("box", "iou"),
    [
        ([0, 0, 10, 10], 1.0),
        ([5, 0, 10, 10], 50 / 150),
        ([10, 0, 10, 10], 0.0),  # they touch
        ([2, 2, 5, 5], 25 / 100),
        ([0, 0, 0, 10], 0.0),
    ],
)
@pytest.mark.parametrize("crowd", [True, False])
def test_overlap_of_two_boxes(box, iou, crowd):
    mine, theirs = np.array([box], float), np.array([SQUARE])
    found = reference._iou(mine, theirs, np.array([crowd]))[0]
    area = box[2] * box[3]
    inter = iou * (area + 100) / (1 + iou)
    expected = (inter / area if area else 0.0) if crowd else iou  # of a crowd, the share covered
    assert found == pytest.approx(expected)


def test_places_within_runs():
    assert reference._place_in_run(np.array([0, 0, 3, 3, 3, 7])).tolist() == [0, 1, 0, 1, 2, 0]


def test_pairs_in_pieces_are_all_pairs(monkeypatch):
    rng = np.random.default_rng(0)
    boxes = np.concatenate([rng.random((40, 2)) * 5, 5 + rng.random((40, 2))], axis=1)
    found = reference._Boxes(np.repeat([0, 1], 20), np.zeros(40, int), boxes)
    true = reference._Boxes(np.repeat([0, 1], 20), np.zeros(40, int), boxes[::-1])
    crowd = np.zeros(40, bool)
    whole = reference._pairs(found, true, crowd, 0.3)
    monkeypatch.setattr(reference, "_PAIRS_AT_ONCE", 7)
    for one, other in zip(whole, reference._pairs(found, true, crowd, 0.3), strict=True):
        assert np.array_equal(one, other)
    assert len(whole[0]) > 40
