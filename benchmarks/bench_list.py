"""Time `nntasks list`, from the start of its process to the end.

    python benchmarks/bench_list.py                  this environment
    python benchmarks/bench_list.py --python FILE    another one, such as with an installed wheel

Beside it, in turns: a Python that does nothing, and one that imports torch, which `list` never
does. Prints medians by the clock and of processor time. The promise is less than 0.3 s on an idle
machine; where others compute too, judge by processor time.

Options: --rounds N (21), --python FILE.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks.kernel_checks.timing import Row

MOST = 0.3  # seconds
OURS, NOTHING, TORCH = "nntasks list", "python -c pass", "python -c 'import torch'"
_ARGUMENTS = {
    OURS: ("-m", "nntasks", "list"),
    NOTHING: ("-c", "pass"),
    TORCH: ("-c", "import torch"),
}


class Timed(NamedTuple):
    """Seconds by the clock, and processor seconds."""

    wall: float
    processor: float


def run_once(command: Sequence[str], folder: str) -> Timed:
    """Run a command in a folder; its output is thrown away."""
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    return Timed(wall, used.ru_utime + used.ru_stime)


def medians(python: str, rounds: int) -> dict[str, Timed]:
    """Return the median of each command, run in turns in an empty folder."""
    found: dict[str, list[Timed]] = {name: [] for name in _ARGUMENTS}
    with tempfile.TemporaryDirectory() as folder:  # a checkout would come before what is installed
        for number in range(rounds + 1):
            for name, arguments in _ARGUMENTS.items():
                timed = run_once((python, *arguments), folder)
                if number:  # the first reads files from the disk and may compile them
                    found[name].append(timed)
    return {
        name: Timed(*(statistics.median(times) for times in zip(*all_, strict=True)))
        for name, all_ in found.items()
    }


def rows(rounds: int = 11) -> list[Row]:
    """Return the rows of this benchmark in the table of all."""
    taken = medians(sys.executable, rounds)
    ours = taken[OURS].wall
    return [Row("list", "a process", ours, taken[name].wall, name) for name in (NOTHING, TORCH)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    taken = medians(options.python, options.rounds)
    ours = taken[OURS]
    for name, timed in taken.items():
        print(
            f"{name:25} {timed.wall:6.3f} s, processor {timed.processor:6.3f} s; "
            f"list takes {ours.wall / timed.wall:5.2f} and {ours.processor / timed.processor:5.2f} "
            "times as long"
        )
    verdict = "met" if ours.wall < MOST else "MISSED"
    print(f"goal: list in less than {MOST} s: {verdict}")


if __name__ == "__main__":
    main()
