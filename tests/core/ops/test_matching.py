"""`match_greedily` against plain loops over the definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.ops import match_greedily

pytestmark = pytest.mark.usefixtures("device")


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
    assert matched.dtype == torch.int32
    np.testing.assert_array_equal(matched, by_loops(*case))
    again = match_greedily(*map(torch.from_numpy, case))
    assert torch.equal(again, matched)


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("threads", [1, 2])
def test_both_implementations_agree_on_many_groups(threads, set_threads):
    """Enough groups for several threads: many random cases, one behind the other."""
    parts = [random_case(seed) for seed in range(60)]
    starts = np.concatenate([[0], *[np.diff(part[0]) for part in parts]]).cumsum()
    truths = np.concatenate([part[1] + 24 * i for i, part in enumerate(parts)])
    groups = np.concatenate([part[3] + 100 * i for i, part in enumerate(parts)])
    ious, crowd, ignored = (np.concatenate([part[i] for part in parts]) for i in (2, 4, 5))
    set_threads(threads)
    results = []
    for mode in ("native", "python"):
        with ops.use(mode):
            results.append(
                match_greedily(starts, truths, ious, groups, crowd, ignored, parts[0][6])
            )
    assert torch.equal(*results)
    assert (results[0] >= 0).sum() > 1000


def test_no_rows():
    empty = np.empty(0, np.int64)
    matched = match_greedily(
        np.zeros(1, np.int64),
        empty,
        np.empty(0),
        empty,
        np.empty(0, bool),
        np.empty((0, 4), bool),
        np.array([0.5]),
    )
    assert matched.shape == (0, 4, 1)


RIGHT = {
    "starts": torch.tensor([0, 1, 3]),
    "truths": torch.tensor([0, 1, 1]),
    "ious": torch.tensor([0.5, 0.6, 0.7]).double(),
    "groups": torch.tensor([0, 1]),
    "crowd": torch.tensor([False, False]),
    "ignored": torch.tensor([[False], [True]]),
    "thresholds": torch.tensor([0.5]).double(),
}


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("starts", torch.tensor([0, 1]), ValueError, r"shapes \(K \+ 1,\), .* got \(2,\), \(3,\)"),
        ("starts", torch.tensor([0, 0, 3]), ValueError, "starts must rise from 0 to 3"),
        ("starts", torch.tensor([0, 1, 9]), ValueError, "starts must rise from 0 to 3"),
        ("truths", torch.tensor([0, 1, 2]), ValueError, "truths must be from 0 to 1"),
        ("truths", torch.tensor([0, 1, -1]), ValueError, "truths must be from 0 to 1"),
        ("truths", torch.tensor([0, 1, 0]), ValueError, "must not share truths, as number 0 is"),
        ("groups", torch.tensor([1, 0]), ValueError, "groups must not fall"),
        ("ious", torch.rand(3), TypeError, "ious must be torch.float64, got torch.float32"),
        ("crowd", [False, False], TypeError, "crowd must be a torch tensor, got list"),
        ("ignored", torch.zeros(3, 1).bool(), ValueError, "must have shapes"),
    ],
)
def test_wrong_input(name, value, error, message):
    assert match_greedily(**RIGHT).flatten().tolist() == [0, 1]
    with pytest.raises(error, match=message):
        match_greedily(**{**RIGHT, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("starts", torch.tensor([0, 2**62, 3])),
        ("truths", torch.tensor([0, 1, 2**40])),
        ("truths", torch.tensor([1, 1, 1])),
        ("groups", torch.tensor([1, 0])),
    ],
)
def test_raw_calls_do_not_read_out_of_bounds(overload, name, value):
    with pytest.raises((RuntimeError, ValueError), match="match_greedily: "):
        overload("match_greedily")(*{**RIGHT, name: value}.values())


def test_opcheck(overload):
    torch.library.opcheck(overload("match_greedily"), tuple(RIGHT.values()))
