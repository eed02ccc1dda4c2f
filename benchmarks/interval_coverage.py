"""How often nominal 95 % intervals contain the truth, by simulation.

    python benchmarks/interval_coverage.py --images 100 500 --sets 400

The truth is the number on a data set of 40,000 images; each simulated data set is drawn anew from
the same population. Images differ in difficulty, so objects of one image are not independent. The
scatter of a coverage of 95 % of 400 sets is 1.1 points. Seeded; prints its time.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.intervals import detection_replicates
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint, resampled_numbers
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth
from nntasks.statistics.bootstrap import Replicates

NAMES = ("map50_95", "map50", "map75", "map_medium", "ar100", "precision", "recall", "f1")
CLASSES = (0.6, 0.3, 0.1)  # frequencies
POPULATION = 40_000


def image(rng: np.random.Generator) -> tuple[Detections, GroundTruth]:
    """Draw an image with its objects and what a detector of middling quality finds."""
    ease = rng.normal(1.0, 1.0)  # log odds that an object is found
    count = rng.poisson(4)
    labels = rng.choice(len(CLASSES), count, p=CLASSES)
    size = np.exp(rng.uniform(np.log(16), np.log(160), (count, 2)))
    low = rng.uniform(0, 1, (count, 2)) * (640 - size)
    boxes = np.concatenate([low, low + size], axis=1)
    found = np.flatnonzero(rng.random(count) < 1 / (1 + np.exp(-ease)))
    noise = rng.normal(0, 0.04 + 0.08 * rng.random((len(found), 1)), (len(found), 4))
    around = boxes[found] + noise * np.tile(size[found], 2)
    around[:, 2:] = np.maximum(around[:, 2:], around[:, :2] + 1)
    others = rng.poisson(np.exp(0.5 - 0.5 * ease))
    far = rng.uniform(0, 560, (others, 2))
    scores = np.concatenate([rng.beta(4, 2, len(found)), rng.beta(2, 4, others)])
    wrong = rng.choice(len(CLASSES), others, p=CLASSES)
    return (
        Detections(
            np.concatenate([around, np.concatenate([far, far + 60], axis=1)]),
            scores,
            np.concatenate([labels[found], wrong]),
        ),
        GroundTruth(boxes, labels, np.zeros(count, bool), np.prod(size, axis=1)),
    )


def metric_of(images: int, seed: int) -> DetectionMetric:
    rng = np.random.default_rng(seed)
    drawn = [image(rng) for _ in range(images)]
    metric = DetectionMetric([str(label) for label in range(len(CLASSES))])
    metric.update([d for d, _ in drawn], [t for _, t in drawn], list(range(images)))
    return metric


def truth() -> dict[str, float]:
    table = metric_of(POPULATION, seed=10**6).table()
    once = np.ones((1, POPULATION), np.uint8)
    numbers = resampled_numbers(table, once, OperatingPoint()).numbers
    return {name: float(numbers[name][0]) for name in NAMES}


def ends(known: Replicates) -> dict[str, tuple[float, float]]:
    """Return the interval of each kind."""
    low, high = np.nanquantile(known.resampled, [0.025, 0.975])
    estimate = known.interval()
    return {"BCa": (estimate.low, estimate.high), "percentile": (float(low), float(high))}


def measure(images: int, sets: int, resamples: int, expected: dict[str, float]) -> None:
    start = time.perf_counter()
    inside: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    values: dict[str, list[float]] = {name: [] for name in NAMES}
    for seed in range(sets):
        table = metric_of(images, seed).table()
        at = OperatingPoint()
        known = detection_replicates(table, at, seed=seed, resamples=resamples).all
        for name in NAMES:
            values[name].append(known[name].value)
            for kind, (low, high) in ends(known[name]).items():
                cell = inside.setdefault((name, kind), [])
                cell.append((low <= expected[name], expected[name] <= high))
    seconds = time.perf_counter() - start
    print(f"\n{images} images, {sets} data sets, {resamples} resamples, {seconds:.0f} s\n")
    print("| number | truth | mean | BCa | too high, too low | percentile | too high, too low |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in NAMES:
        row = [name, f"{expected[name]:.4f}", f"{np.mean(values[name]):.4f}"]
        for kind in ("BCa", "percentile"):
            above, below = np.array(inside[name, kind]).T
            row += [f"{100 * (above & below).mean():.1f} %"]
            row += [f"{100 * (~above).mean():.1f}, {100 * (~below).mean():.1f}"]
        print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--sets", type=int, default=400)
    parser.add_argument("--resamples", type=int, default=1000)
    arguments = parser.parse_args()
    expected = truth()
    for images in arguments.images:
        measure(images, arguments.sets, arguments.resamples, expected)


if __name__ == "__main__":
    main()
