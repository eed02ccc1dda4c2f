"""The vectorised matcher against plain loops over the definition."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.yolo_detect.evaluation.greedy import match_greedily


def by_loops(starts, truths, ious, groups, crowd, ignored, thresholds):
    matched = np.full((len(groups), ignored.shape[1], len(thresholds)), -1)
    for area in range(ignored.shape[1]):
        for level, threshold in enumerate(thresholds):
            used = set()
            for row in range(len(groups)):
                options = [
                    (not ignored[truth, area], iou, truth)
                    for truth, iou in zip(
                        truths[starts[row] : starts[row + 1]],
                        ious[starts[row] : starts[row + 1]],
                        strict=True,
                    )
                    if truth not in used and iou >= min(threshold, 1 - 1e-10)
                ]
                if options:
                    best = max(options)[2]
                    matched[row, area, level] = best
                    if not crowd[best]:
                        used.add(best)
    return matched


def random_case(seed):
    rng = np.random.default_rng(seed)
    starts, truths, ious, groups = [0], [], [], []
    for group in range(6):
        for _ in range(rng.integers(0, 7)):
            own = np.sort(rng.permutation(4)[: rng.integers(1, 5)]) + 4 * group
            iou = rng.choice([0.5, 0.6, 0.75, 1.0, 0.9, 0.55], len(own))
            order = np.lexsort((own, iou))
            truths.extend(own[order])
            ious.extend(iou[order])
            starts.append(len(truths))
            groups.append(3 * group)
    crowd = rng.random(24) < 0.2
    ignored = (rng.random((24, 3)) < 0.3) | crowd[:, None]
    return (
        np.array(starts),
        np.array(truths, dtype=np.int64),
        np.array(ious),
        np.array(groups, dtype=np.int64),
        crowd,
        ignored,
        np.array([0.5, 0.6, 0.9, 1.0]),
    )


@pytest.mark.parametrize("seed", range(40))
def test_agrees_with_loops(seed):
    case = random_case(seed)
    matched = match_greedily(*case)
    assert matched.dtype == np.int32
    np.testing.assert_array_equal(matched, by_loops(*case))


def test_no_rows():
    empty = np.empty(0, np.int64)
    matched = match_greedily(
        np.zeros(1, np.int64), empty, np.empty(0), empty, np.empty(0, bool),
        np.empty((0, 4), bool), np.array([0.5]),
    )  # fmt: skip
    assert matched.shape == (0, 4, 1)
