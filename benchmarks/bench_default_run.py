"""Time whole default runs, as a user starts them.

    python benchmarks/bench_default_run.py against OLD NEW      two checkouts, in turns
    python benchmarks/bench_default_run.py cores [TASK ...]     two cores against one

`against` prints the median time of each checkout, their ratio (NEW to OLD, goal 0.5 for
yolo_detect) and the headline of every run. `cores` runs each task on one core and on two, alone and
beside one process that keeps a core busy, and prints each time against one quiet core: goals are
at least 1.5 times as fast on two quiet cores, and at most 1.3 times the time beside the busy
process. Nothing else should run on the machine; the cores are the first two that this process may
use. Both print processor time, too, which other processes disturb less.

Options: --rounds N (5), --task TASK (yolo_detect), --seed N (0), --python FILE, and any KEY=VALUE.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TASKS = (
    "yolo_detect",
    "cnn_classify",
    "unet_segment",
    "numpy_mlp",
    "word2vec",
    "embedding_analysis",
)


@dataclass(frozen=True)
class Timed:
    """One run: seconds by the clock, processor seconds, and the first number of its headline."""

    wall: float
    processor: float
    headline: str


def run_once(
    checkout: Path, python: str, task: str, keys: Sequence[str], cores: Sequence[int]
) -> Timed:
    """Run a task from a checkout on some cores, into a folder that is thrown away."""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "OMP_NUM_THREADS")
    }
    with tempfile.TemporaryDirectory() as out:
        command = [python, "-m", "core", "run", task, *keys, "--json", "--out", out]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            command,
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{checkout}: {' '.join(command)} ended with {done.returncode}\n{done.stderr}")
    summary = json.loads(done.stdout)
    name = summary["headline"][0]
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timed(wall, processor, f"{name} {summary['metrics'][name]:.4f}")


def against(old: Path, new: Path, options: argparse.Namespace, cores: Sequence[int]) -> None:
    """Run two checkouts in turns; print medians and their ratio."""
    sides: dict[Path, list[Timed]] = {old: [], new: []}
    keys = [f"seed={options.seed}", *options.keys]
    for number in range(options.rounds):
        for checkout in (old, new) if number % 2 == 0 else (new, old):
            timed = run_once(checkout, options.python, options.task, keys, cores)
            sides[checkout].append(timed)
            print(
                f"{checkout}: {timed.wall:.1f} s, processor {timed.processor:.1f} s, "
                f"{timed.headline}",
                flush=True,
            )
    wall, processor = (
        [statistics.median(getattr(run, what) for run in sides[side]) for side in (old, new)]
        for what in ("wall", "processor")
    )
    print(f"median: {wall[0]:.1f} s, {wall[1]:.1f} s, ratio {wall[1] / wall[0]:.2f}")
    print(
        f"processor: {processor[0]:.1f} s, {processor[1]:.1f} s, ratio "
        f"{processor[1] / processor[0]:.2f}"
    )


def compare_cores(options: argparse.Namespace, cores: Sequence[int]) -> None:
    """Run tasks on one core and on two, alone and beside a busy process."""
    here = Path(__file__).resolve().parent.parent
    ways = (("1 core", cores[:1], False), ("2 cores", cores, False), ("2, busy", cores, True))
    print(f"{'task':20} {'1 core':>8} {'2 cores':>8} {'times':>6} {'2, busy':>8} {'share':>6}")
    for task in options.tasks or TASKS:
        runs: dict[str, list[float]] = {name: [] for name, _, _ in ways}
        for _ in range(options.rounds):
            for name, some, busy in ways:
                with _busy_process(cores) if busy else contextlib.nullcontext():
                    keys = [f"seed={options.seed}", *options.keys]
                    runs[name].append(run_once(here, options.python, task, keys, some).wall)
        one, two, shared = (statistics.median(runs[name]) for name, _, _ in ways)
        print(
            f"{task:20} {one:8.1f} {two:8.1f} {one / two:6.2f} {shared:8.1f} {shared / one:6.2f}",
            flush=True,
        )


@contextlib.contextmanager
def _busy_process(cores: Sequence[int]) -> Iterator[None]:
    """Keep one process computing on these cores while the block runs."""
    busy = subprocess.Popen(
        [sys.executable, "-c", "while True: pass"],
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--task", default="yolo_detect")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("mode", choices=("against", "cores"))
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    options.keys = [word for word in options.words if "=" in word]
    names = [word for word in options.words if "=" not in word]
    cores = sorted(os.sched_getaffinity(0))[:2]
    if options.mode == "cores":
        options.tasks = names
        compare_cores(options, cores)
    elif len(names) == 2:
        against(Path(names[0]).resolve(), Path(names[1]).resolve(), options, cores)
    else:
        parser.error(f"against: expected two checkouts, got {len(names)}")


if __name__ == "__main__":
    main()
