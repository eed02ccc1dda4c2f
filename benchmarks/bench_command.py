"""Time one command of two checkouts, as a user types it, in turns.

    python benchmarks/bench_command.py OLD NEW -- predict yolo_detect --weights FILE FOLDER

Each round runs `python -m core ARGUMENTS --out FOLDER` once from each checkout, the order changing
from round to round, after one untimed run of each. Prints the median of each and the median
ratio of the rounds (NEW to OLD), by the clock and of processor time, which other processes disturb
less. Options: --rounds N (5), --python FILE, --no-out for verbs without that option.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The second would have each process compile the sources of its checkout again.
_LEFT_OUT = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


def run_once(checkout: Path, options: argparse.Namespace) -> tuple[float, float]:
    """Run the command from a checkout; return its seconds by the clock and of processor time."""
    environment = {key: value for key, value in os.environ.items() if key not in _LEFT_OUT}
    with tempfile.TemporaryDirectory() as out:
        where = [] if options.no_out else ["--out", out]
        command = [options.python, "-m", "core", *options.arguments, *where]
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            command, cwd=checkout, env=environment, capture_output=True, text=True
        )
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{checkout}: {' '.join(command)} ended with {done.returncode}\n{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Time the command and print the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("arguments", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--no-out", action="store_true")
    options = parser.parse_args()
    sides = {"old": options.old.resolve(), "new": options.new.resolve()}
    for checkout in sides.values():
        run_once(checkout, options)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for number in range(options.rounds):
        for name in sorted(sides, reverse=number % 2 == 1):
            times[name].append(run_once(sides[name], options))
    for what, which in (("by the clock", 0), ("processor", 1)):
        old, new = ([round_[which] for round_ in times[name]] for name in ("old", "new"))
        ratio = statistics.median(b / a for a, b in zip(old, new, strict=True))
        print(
            f"{what:13} old {statistics.median(old):.3f} s, new {statistics.median(new):.3f} s, "
            f"ratio {ratio:.3f}"
        )


if __name__ == "__main__":
    main()
