"""`match_detections` against plain loops over the definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks.inputs import detections, raw_detections
from nntasks.ops import match_detections

pytestmark = pytest.mark.usefixtures("device")

ANY = np.array([[0.0, 1e10]])
RANGES = np.array([[0.0, 1e10], [0.0, 64.0], [64.0, 150.0]])
LEVELS = np.array([0.5, 0.6, 0.75, 1.0])


def matched(given, most=100):
    """Call the op with the arrays by name."""
    found = ("image", "label", "score", "box")
    true = ("truth_image", "truth_label", "truth_box", "truth_crowd", "truth_area")
    return match_detections(
        tuple(given[key] for key in found),
        tuple(given[key] for key in true),
        thresholds=given["thresholds"],
        area_ranges=given["area_ranges"],
        max_detections=most,
    )


def iou(found, true, crowd):
    low = np.maximum(found[:2], true[:2])
    width, height = np.minimum(found[:2] + found[2:], true[:2] + true[2:]) - low
    if not (width > 0 and height > 0):
        return 0.0
    area = found[2] * found[3]
    return width * height / (area if crowd else area + true[2] * true[3] - width * height)


def by_loops(given, most):
    """Yield (range, threshold, detection, truth or -1, ignored), by given indices."""
    crowd, ranges = given["truth_crowd"], given["area_ranges"]
    for area, (low, high) in enumerate(ranges):
        skip = crowd | (given["truth_area"] < low) | (given["truth_area"] > high)
        for level, threshold in enumerate(given["thresholds"]):
            used = set()
            for index in served(given, most):
                options = [
                    (not skip[truth], value, truth)
                    for truth, value in candidates(given, index)
                    if truth not in used and value >= min(threshold, 1 - 1e-10)
                ]
                best = max(options)[2] if options else -1
                if best >= 0 and not crowd[best]:
                    used.add(best)
                size = given["box"][index, 2] * given["box"][index, 3]
                outside = size < low or size > high
                yield area, level, index, best, bool(skip[best]) if best >= 0 else outside


def candidates(given, index):
    for truth in range(len(given["truth_crowd"])):
        if all(given[key][index] == given[f"truth_{key}"][truth] for key in ("image", "label")):
            boxes = given["box"][index], given["truth_box"][truth]
            yield truth, iou(*boxes, given["truth_crowd"][truth])


def served(given, most):
    """The best detections of each image and label, by falling score."""
    order = np.argsort(-given["score"], kind="stable")
    seen = {}
    for index in order:
        cell = int(given["image"][index]), int(given["label"][index])
        seen[cell] = seen.get(cell, 0) + 1
        if seen[cell] <= most:
            yield index


def random_case(seed, images=(0, 7, -3, 2**40), labels=(0, 1, 5)):
    """Boxes on a coarse grid, so that IoUs and scores are tied; in no order at all."""
    rng = np.random.default_rng(seed)
    found, truths = int(rng.integers(0, 40)), int(rng.integers(0, 20))

    def boxes(count):
        return np.concatenate([rng.integers(0, 4, (count, 2)), rng.integers(0, 14, (count, 2))], 1)

    return {
        "image": rng.choice(images, found),
        "label": rng.choice(labels, found),
        "score": rng.integers(0, 6, found) / 6,
        "box": boxes(found).astype(np.float64),
        "truth_image": rng.choice(images, truths),
        "truth_label": rng.choice(labels, truths),
        "truth_box": boxes(truths).astype(np.float64),
        "truth_crowd": rng.random(truths) < 0.2,
        "truth_area": rng.integers(0, 200, truths).astype(np.float64),
        "thresholds": LEVELS,
        "area_ranges": RANGES,
    }


def cells(matches, given):
    """Return what `by_loops` yields, from the table."""
    row_of = {int(row): index for index, row in enumerate(matches.row)}
    truth = np.append(matches.truth, -1)
    for index, detection in enumerate(matches.detection.tolist()):
        for area in range(len(given["area_ranges"])):
            for level in range(len(given["thresholds"])):
                row = row_of.get(index)
                if row is None:
                    yield area, level, detection, -1, bool(matches.outside[index, area])
                else:
                    taken = int(truth[int(matches.matched[row, area, level])])
                    yield area, level, detection, taken, bool(matches.ignored[row, area, level])


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("most", [2, 100])
def test_agrees_with_loops(seed, most):
    given = random_case(seed)
    matches = matched(given, most)
    assert sorted(cells(matches, given)) == sorted(by_loops(given, most))


@pytest.mark.parametrize("seed", range(25, 30))
def test_order_of_detections_and_truths(seed):
    given = random_case(seed)
    matches = matched(given, 3)
    image, label, score = (given[key] for key in ("image", "label", "score"))
    kept = set(served(given, 3))
    order = [i for i in np.lexsort((image, -score, label)) if i in kept]
    assert matches.detection.tolist() == order
    assert (
        matches.truth.tolist() == np.lexsort((given["truth_label"], given["truth_image"])).tolist()
    )
    for index, place in zip(order, matches.place.tolist(), strict=True):
        ahead = (image == image[index]) & (label == label[index])
        ahead &= (score > score[index]) | (
            (score == score[index]) & (np.arange(len(score)) < index)
        )
        assert place == ahead.sum()


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_both_implementations_agree_on_many_images(threads, set_threads):
    given = detections(300)
    given["detections"][2][::50] = float("nan")
    set_threads(threads)
    results = []
    for mode in ("native", "python"):
        with ops.use(mode):
            results.append(match_detections(**given))
    assert all(map(torch.equal, *results))
    assert len(results[0].row) > 1000
    assert len(results[0].detection) < len(given["detections"][2])  # some are beyond the limit


def test_more_thresholds_than_bits_of_a_mask():
    given = detections(20)
    few = match_detections(**given)
    many = torch.cat([given["thresholds"]] * 9)
    matches = match_detections(**{**given, "thresholds": many})
    for field in ("matched", "ignored"):
        assert torch.equal(getattr(matches, field), getattr(few, field).repeat(1, 1, 9))


def test_nothing_at_all():
    given = detections(2)
    for key in ("detections", "truths"):
        given[key] = tuple(column[:0] for column in given[key])
    matches = match_detections(**given)
    assert [tuple(column.shape) for column in matches] == [
        *((0,), (0,), (0, 3), (0,), (0, 3), (0,), (0, 3, 10), (0, 3, 10))
    ]


def test_boxes_that_overlap_nothing():
    """Boxes of no height, with NaN, infinite: as they are in the reference program's arithmetic."""
    given = random_case(1)
    given |= {"truth_image": np.array([7]), "truth_label": np.array([1])}
    given |= {"truth_crowd": np.array([False]), "truth_area": np.array([100.0])}
    given["truth_box"] = np.array([[0.0, 0, 10, 10]])
    odd = [[0.0, 0, 10, 0], [np.nan, 0, 10, 10], [0, 0, np.inf, 10], [0, 0, 10, -10]]
    given |= {"image": np.full(4, 7), "label": np.full(4, 1), "score": np.full(4, 0.5)}
    matches = matched({**given, "box": np.array(odd)})
    assert len(matches.row) == 0
    assert len(matches.detection) == 4


RIGHT = raw_detections(3)
NAMES = (
    *("image", "label", "score", "box", "truth_image", "truth_label", "truth_box"),
    *("truth_crowd", "truth_area", "thresholds", "area_ranges", "max_detections"),
)


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("image", torch.zeros(60), TypeError, "image must be int64, got torch.float32"),
        ("score", torch.zeros(60), TypeError, "score must be torch.float64, got torch.float32"),
        ("truth_crowd", [True] * 12, TypeError, "truth_crowd must be a torch tensor, got list"),
        ("label", torch.zeros(59).long(), ValueError, r"label and score must have shape \(N,\)"),
        ("box", torch.zeros(60, 5).double(), ValueError, r"box \(N, 4\).*\(60, 5\)"),
        ("truth_area", torch.zeros(11).double(), ValueError, r"truth_area \(G,\)"),
        ("area_ranges", torch.zeros(3).double(), ValueError, r"area_ranges \(A, 2\)"),
        ("max_detections", 0, ValueError, "max_detections must be from 1 to"),
        ("max_detections", 1.5, TypeError, "max_detections must be an int, got float"),
    ],
)
def test_wrong_input(name, value, error, message):
    given = dict(zip(NAMES, RIGHT, strict=True))
    matched(given, given["max_detections"])
    given[name] = value
    with pytest.raises(error, match=message):
        matched(given, given["max_detections"])


def test_an_array_too_few():
    with pytest.raises(ValueError, match=r"detections must be image, .* got 3 and 5 arrays"):
        match_detections(RIGHT[:3], RIGHT[4:9], thresholds=RIGHT[9], area_ranges=RIGHT[10])


def test_opcheck(overload):
    torch.library.opcheck(overload("match_detections"), RIGHT)
