"""Time 1,000 resamples of detection metrics against one evaluation of the same detections.

python benchmarks/bench_weighted_ap.py --images 500 5000
python benchmarks/bench_weighted_ap.py --programs       # every convention, matching included
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
from bench_map import generate, twelve_numbers

from nntasks.kernel_checks.timing import medians
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.records import Records
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint, resampled_numbers
from nntasks.statistics.bootstrap import drawn_weights

GOAL = 20  # times one evaluation


def measure(images: int, resamples: int, rounds: int) -> None:
    data = generate(images, 100)
    metric = DetectionMetric(data.names)
    metric.update(data.found, data.truth, data.ids)
    rng = np.random.default_rng(0)
    weights = rng.multinomial(images, np.full(images, 1 / images), resamples).astype(np.uint8)
    calls = {
        "one evaluation": partial(twelve_numbers, data),
        "resamples": partial(resampled_numbers, metric.table(), weights, OperatingPoint()),
    }
    seconds = medians(calls, rounds=rounds)
    ratio = seconds["resamples"] / seconds["one evaluation"]
    print(
        f"{images:,} images, {images * 100:,} detections: one evaluation "
        f"{seconds['one evaluation']:.3f} s, {resamples:,} resamples {seconds['resamples']:.3f} s, "
        f"{ratio:.1f} times as long (goal: at most {GOAL})"
    )


def measure_programs(images: int, resamples: int, rounds: int) -> None:
    """Time every program's numbers, once and on resamples, both from boxes."""
    data = generate(images, 100)
    records = Records(len(data.names))
    records.add(data.found, data.truth, data.ids)
    case = Problem.of(data.names, records.flat())
    weights = drawn_weights(images, seed=0, resamples=resamples)
    print(f"{images:,} images, {images * 100:,} detections, {resamples:,} resamples")
    for name, program in PROGRAMS.items():
        calls = {
            "once": partial(program.compute, case),
            "resampled": lambda program=program: program.weighted(case)(weights),
        }
        seconds = medians(calls, rounds=rounds)
        ratio = seconds["resampled"] / seconds["once"]
        print(
            f"  {name:15s} once {seconds['once']:.3f} s, resampled {seconds['resampled']:.3f} s, "
            f"{ratio:.1f} times as long"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--programs", action="store_true", help="every convention")
    arguments = parser.parse_args()
    work = measure_programs if arguments.programs else measure
    for images in arguments.images:
        work(images, arguments.resamples, arguments.rounds)


if __name__ == "__main__":
    main()
