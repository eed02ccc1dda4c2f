"""`weighted_ap` against plain loops over a ranking in which images occur as often as they weigh."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks.inputs import weighting
from nntasks.ops import Rankings, weighted_ap

pytestmark = pytest.mark.usefixtures("device")

COCO, VOC07, VOC10 = np.linspace(0, 1, 101), np.arange(11) / 10, np.empty(0)


def by_loops(rankings, truths, weights, levels):
    """AP of one weighting, column by column, from the ranking written out copy by copy."""
    starts, image, copy, outside, rows, right, ignored = map(np.asarray, rankings)
    areas, thresholds = right.shape[:2]
    precision = np.full((areas, thresholds, len(starts) - 1), np.nan)
    found = np.zeros(precision.shape, int)
    row_of = {detection: row for row, detection in enumerate(rows.tolist())}
    for area, threshold, label in np.ndindex(precision.shape):
        hits = []  # one entry for each detection that counts
        for detection in range(starts[label], starts[label + 1]):
            weight, row = int(weights[image[detection]]), row_of.get(detection)
            if copy[detection]:
                weight = int(weight >= copy[detection])
            counts, hit = not outside[detection, area], False
            if row is not None:
                counts = not ignored[area, threshold, row]
                hit = counts and right[area, threshold, row]
            hits += [hit] * (weight if counts else 0)
        found[area, threshold, label] = sum(hits)
        if truths[area, label]:
            precision[area, threshold, label] = average(hits, truths[area, label], levels)
    return precision, found


def average(hits, truths, levels):
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    if not len(levels):
        return best[np.flatnonzero(hits)].sum() / truths
    place = np.searchsorted(right / truths, levels)
    return np.where(place < len(best), np.append(best, 0)[place], 0).sum() / len(levels)


def random_case(seed, weightings=40):
    """Return arguments with ties, ignored detections, and no more hits than objects."""
    rng = np.random.default_rng(seed)
    count, images, areas, thresholds = 90, 12, 3, 2
    starts = np.sort(np.concatenate([[0, 0, count], rng.integers(0, count, 2)]))
    rows = np.flatnonzero(rng.random(count) < 0.6)
    ignored = rng.random((areas, thresholds, len(rows))) < 0.2
    rankings = Rankings(
        starts=starts,
        image=rng.integers(0, images, count),
        copy=np.where(rng.random(count) < 0.2, rng.integers(1, 4, count), 0),
        outside=rng.random((count, areas)) < 0.3,
        rows=rows,
        right=(rng.random(ignored.shape) < 0.6) & ~ignored,
        ignored=ignored,
    )
    weights = rng.multinomial(images, np.ones(images) / images, weightings).astype(np.uint8)
    truths = rng.integers(1, 5, (areas, len(starts) - 1, weightings)) * 25
    truths[rng.random(truths.shape) < 0.05] = 0
    return rankings, truths, weights


@pytest.mark.parametrize("levels", [COCO, VOC07, VOC10], ids=["coco", "voc07", "voc10"])
@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_loops(seed, levels):
    rankings, truths, weights = random_case(seed)
    _, by_one = weighted_ap(rankings, truths, weights, levels)
    truths[:, :] = np.maximum(truths, by_one.numpy().max(axis=1) * (truths > 0))
    precision, found = weighted_ap(rankings, truths, weights, levels)
    for b in range(len(weights)):
        expected, counts = by_loops(rankings, truths[..., b], weights[b], levels)
        np.testing.assert_array_equal(found[..., b], counts)
        np.testing.assert_allclose(precision[..., b], expected, rtol=0, atol=1e-13)


def test_levels_that_are_rounded_up_are_not_reached():
    """35 of 100 objects do not reach COCO's level 0.35, which lies above the nearest double."""
    right = np.ones((1, 1, 35), bool)
    rankings = Rankings(
        np.array([0, 35]),
        np.zeros(35, np.int64),
        np.zeros(35, np.int64),
        np.zeros((35, 1), bool),
        np.arange(35),
        right,
        ~right,
    )
    one, truths = np.ones((1, 1), np.uint8), np.full((1, 1, 1), 100)
    assert weighted_ap(rankings, truths, one, COCO)[0].item() == 35 / 101
    assert weighted_ap(rankings, truths, one, np.arange(101) / 100)[0].item() == 36 / 101


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_bits_at_any_number_of_threads(threads, set_threads):
    set_threads(1)
    with ops.use("python"):
        expected = weighted_ap(*weighting(130))
    set_threads(threads)
    with ops.use("native"):
        precision, found = weighted_ap(*weighting(130))
    np.testing.assert_array_equal(precision, expected[0])
    assert torch.equal(found, expected[1])


@pytest.mark.parametrize("weightings", [0, 1, 31, 32, 33])
def test_any_number_of_weightings(weightings):
    rankings, truths, weights, levels = weighting(33)
    whole = weighted_ap(rankings, truths, weights, levels)
    cut = weighted_ap(rankings, truths[..., :weightings], weights[:weightings], levels)
    for ours, all_of_them in zip(cut, whole, strict=True):
        np.testing.assert_array_equal(ours, all_of_them[..., :weightings])


def test_nothing_to_rank():
    empty = np.empty(0, np.int64)
    none = np.empty((2, 3, 0), bool)
    rankings = Rankings(np.array([0, 0]), empty, empty, np.empty((0, 2), bool), empty, none, none)
    truths = np.array([[[4, 0]], [[0, 4]]])
    precision, found = weighted_ap(rankings, truths, np.ones((2, 5), np.uint8), COCO)
    np.testing.assert_array_equal(precision[:, 0, 0], [[0, np.nan], [np.nan, 0]])
    assert not found.any()


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("starts", torch.tensor([0, 9, 400]).int(), TypeError, "starts must be int64"),
        ("starts", torch.tensor([0, 500, 400]), ValueError, "starts must rise from 0 to 400"),
        ("image", torch.full((400,), 40), ValueError, "image must be from 0 to 39"),
        ("rows", torch.arange(3), ValueError, r"must have shapes \(C \+ 1,\)"),
        ("right", torch.zeros(2, 5000, 0).bool(), ValueError, "must have shapes"),
        ("copy", torch.full((400,), 256), ValueError, "copy must be from 0 to 255"),
        ("outside", [False], TypeError, "outside must be a torch tensor, got list"),
    ],
)
def test_wrong_input(name, value, error, message):
    rankings, *rest = weighting(2)
    with pytest.raises(error, match=message):
        weighted_ap(rankings._replace(**{name: value}), *rest)


def test_opcheck(overload):
    rankings, *rest = weighting(2)
    torch.library.opcheck(overload("weighted_ap"), (*rankings, *rest))
