"""`rank_hits` and `precision_at_recalls` against plain loops over the definition."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks.inputs import match_tables, rankings
from nntasks.ops import precision_at_recalls, rank_hits

pytestmark = pytest.mark.usefixtures("device")

LEVELS = np.linspace(0, 1, 101)


def random_tables(seed, classes=4, areas=2, levels=3):
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(rng.integers(0, 12, classes))])
    row = np.flatnonzero(rng.random(starts[-1]) < 0.6)
    matched = rng.integers(-3, 5, (len(row), areas, levels)).astype(np.int32)
    ignored = rng.random(matched.shape) < 0.3
    return starts, row, matched, ignored, rng.random((starts[-1], areas)) < 0.3


def by_loops(starts, row, matched, ignored, outside):
    """Return the ranks of each ranking, and its length."""
    row_of = {int(detection): index for index, detection in enumerate(row)}
    places, lengths = [], []
    for area in range(outside.shape[1]):
        for level in range(matched.shape[2]):
            for first, end in pairwise(starts):
                rank, own = 0, []
                for detection in range(first, end):
                    index = row_of.get(detection)
                    if index is None:
                        rank += not outside[detection, area]
                    elif not ignored[index, area, level]:
                        rank += 1
                        own += [rank] if matched[index, area, level] >= 0 else []
                places.append(own)
                lengths.append(rank)
    return places, lengths


@pytest.mark.parametrize("seed", range(20))
def test_ranks_agree_with_loops(seed):
    tables = random_tables(seed)
    hits = rank_hits(*tables)
    places, lengths = by_loops(*tables)
    bounds = hits.bounds.tolist()
    found = [hits.places[a:b].tolist() for a, b in pairwise(bounds)]
    assert found == places
    assert hits.detections.flatten().tolist() == lengths
    again = rank_hits(*map(torch.from_numpy, tables))
    assert all(map(torch.equal, hits, again))


def precision_by_loops(places, truths, recall):
    if not truths:
        return float("nan")
    points = [(k / truths, k / place) for k, place in enumerate(places, 1)]
    return max((precision for reached, precision in points if reached >= recall), default=0.0)


@pytest.mark.parametrize("seed", range(20))
def test_precision_agrees_with_loops(seed):
    rng = np.random.default_rng(seed)
    truths = rng.integers(0, 30, 12)
    rankings = [
        np.sort(rng.permutation(60)[: rng.integers(0, count + 1)]) + 1 for count in truths.tolist()
    ]
    bounds = np.concatenate([[0], np.cumsum([len(one) for one in rankings])])
    read = precision_at_recalls(np.concatenate(rankings), bounds, truths, LEVELS)
    expected = [
        [precision_by_loops(own, count, level) for level in LEVELS]
        for own, count in zip(rankings, truths.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(read, expected)


def test_recalls_in_no_order_and_out_of_range():
    recalls = np.array([2.0, 0.5, -1.0, np.nan, np.inf, -np.inf, 1.0])
    read = precision_at_recalls(np.array([1, 4]), np.array([0, 2, 2]), np.array([2, 1]), recalls)
    assert read.tolist() == [[0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.5], [0.0] * 7]


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_both_implementations_agree(threads, set_threads):
    set_threads(threads)
    tables, ranks = match_tables(300), rankings(300)
    results = []
    for mode in ("native", "python"):
        with ops.use(mode):
            results.append((*rank_hits(*tables), precision_at_recalls(*ranks)))
    assert all(map(torch.equal, *results))
    assert len(results[0][0]) > 1000


def test_no_classes_and_no_rows():
    nothing = np.zeros((0, 2, 3), np.int32)
    hits = rank_hits(
        np.zeros(1, np.int64),
        np.zeros(0, np.int64),
        nothing,
        nothing.astype(bool),
        np.zeros((0, 2), bool),
    )
    assert [tuple(column.shape) for column in hits] == [(0,), (1,), (2, 3, 0)]
    none = np.zeros(0, np.int64)
    assert precision_at_recalls(none, np.zeros(1, np.int64), none, LEVELS).shape == (0, 101)


TABLES = tuple(map(torch.from_numpy, random_tables(0)))
RANKS = (torch.tensor([1, 3]), torch.tensor([0, 2]), torch.tensor([4]), torch.rand(5).double())


def but(arguments, place, value):
    return (*arguments[:place], value, *arguments[place + 1 :])


@pytest.mark.parametrize(
    ("place", "value", "error", "message"),
    [
        (0, TABLES[0] + 1, ValueError, "starts must rise from 0 to"),
        (0, TABLES[0].flip(0), ValueError, "starts must rise from 0 to"),
        (1, TABLES[1].flip(0), ValueError, "row must rise strictly, from 0 to at most"),
        (1, TABLES[1] + 1000, ValueError, "row must rise strictly, from 0 to at most"),
        (2, TABLES[2].long(), TypeError, "matched must be torch.int32, got torch.int64"),
        (3, TABLES[3][:, :1], ValueError, r"must have shapes \(C \+ 1,\)"),
        (4, TABLES[4][:, :1], ValueError, r"must have shapes \(C \+ 1,\)"),
    ],
)
def test_wrong_tables(overload, place, value, error, message):
    rank_hits(*TABLES)
    with pytest.raises(error, match=f"rank_hits: .*{message}"):
        rank_hits(*but(TABLES, place, value))
    with pytest.raises((RuntimeError, ValueError, TypeError), match="rank_hits: "):
        overload("rank_hits")(*but(TABLES, place, value))


@pytest.mark.parametrize(
    ("place", "value", "error", "message"),
    [
        (0, torch.tensor([1, 0]), ValueError, "places must be 1 or more"),
        (1, torch.tensor([0, 3]), ValueError, "bounds must rise from 0 to 2"),
        (1, torch.tensor([0, 1, 2]), ValueError, r"must have shapes \(H,\)"),
        (2, torch.tensor([-1]), ValueError, "truths must be 0 or more"),
        (3, torch.rand(5), TypeError, "recalls must be torch.float64, got torch.float32"),
    ],
)
def test_wrong_rankings(overload, place, value, error, message):
    precision_at_recalls(*RANKS)
    with pytest.raises(error, match=f"precision_at_recalls: .*{message}"):
        precision_at_recalls(*but(RANKS, place, value))
    with pytest.raises((RuntimeError, ValueError, TypeError), match="precision_at_recalls: "):
        overload("precision_at_recalls")(*but(RANKS, place, value))


def test_opcheck_of_ranks(overload):
    torch.library.opcheck(overload("rank_hits"), TABLES)


def test_opcheck_of_precision(overload):
    torch.library.opcheck(overload("precision_at_recalls"), RANKS)
