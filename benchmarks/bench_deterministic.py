"""Time training with `deterministic=threads` against training without it.

    python benchmarks/bench_deterministic.py
    python benchmarks/bench_deterministic.py --rounds 5 --tasks cnn_classify epochs=4

Each run is a process, started as a user does, with one epoch unless `epochs=` says otherwise, and
with the key and without it in turns. `replicas=1` is measured as well where a task has two by
default: there the key takes the second thread from the training, and not from the evaluation
alone. Printed are medians by the clock and their ratio, the price of the key. Both sides load torch
and write a report, some seconds, which draws the ratio of a short run towards 1. Nothing else
should run on the machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_default_run import run_once

HERE = Path(__file__).resolve().parents[1]
WAYS = (
    ("cnn_classify", ()),
    ("unet_segment", ()),
    ("unet_segment", ("replicas=1",)),
    ("yolo_detect", ()),
    ("yolo_detect", ("replicas=1",)),
)
KEY = "deterministic=threads"


def price(task: str, keys: Sequence[str], rounds: int) -> tuple[float, float]:
    """Return the median seconds without the key and with it."""
    cores = sorted(os.sched_getaffinity(0))
    seconds: dict[str, list[float]] = {"": [], KEY: []}
    for number in range(rounds):
        for key in ("", KEY) if number % 2 == 0 else (KEY, ""):
            more = [key] if key else []
            timed = run_once(HERE, sys.executable, task, [*keys, *more], cores)
            seconds[key].append(timed.wall)
    return statistics.median(seconds[""]), statistics.median(seconds[KEY])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", nargs="*", default=sorted({task for task, _ in WAYS}))
    parser.add_argument("keys", nargs="*", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    for task, keys in WAYS:
        if task in arguments.tasks:
            given = [*keys, "epochs=1", *arguments.keys]
            without, with_key = price(task, given, arguments.rounds)
            print(
                f"{task:14s} {' '.join(keys) or '(default)':12s} {without:6.1f} s  {KEY} "
                f"{with_key:6.1f} s  ratio {with_key / without:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
