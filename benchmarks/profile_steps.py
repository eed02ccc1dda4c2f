"""Show where the training steps of each default run spend their time, on this machine.

python benchmarks/profile_steps.py
python benchmarks/profile_steps.py unet_segment numpy_mlp --steps 40
python benchmarks/profile_steps.py --markdown > table.md

Each task is measured under several settings, each in a process of its own, as libraries read them
when they are loaded: the instructions that torch and oneDNN may use, and the number of threads.
`step_categories` says what the columns are. Shares are of the wall time of a step, so a column that
shrinks in milliseconds can grow in share.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TASKS = ("numpy_mlp", "cnn_classify", "yolo_detect", "unet_segment", "word2vec")
AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
BASELINE = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
}
# What the table calls it -> (environment, threads)
SETTINGS = {
    "all instructions, 1 thread": ({}, 1),
    "all instructions, 2 threads": ({}, 2),
    "AVX2, 1 thread": (AVX2, 1),
    "SSE4.1, 1 thread": (BASELINE, 1),
}


def measured(task: str, setting: str, steps: int) -> tuple[float, dict[str, float]]:
    """Return the seconds of a step and of its categories, measured in a process of its own."""
    variables, threads = SETTINGS[setting]
    script = Path(__file__).with_name("step_categories.py")
    done = subprocess.run(
        [sys.executable, script, task, str(steps), str(threads)],
        env={**os.environ, **variables, "OMP_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{task}, {setting}: {done.stderr.strip().splitlines()[-1]}")
    whole, found = json.loads(done.stdout.splitlines()[-1])
    return whole, found


def rows(tasks: Sequence[str], steps: int) -> list[list[str]]:
    """Return the heading and a row for each task and setting; columns that are 0 stay empty."""
    heading: list[str] = []
    table = []
    for task in tasks:
        for setting in SETTINGS:
            whole, found = measured(task, setting, steps)
            print(f"{task}, {setting}: {whole * 1e3:.1f} ms a step", file=sys.stderr, flush=True)
            heading = heading or ["task", "setting", "ms a step", *found]
            shares = [f"{seconds / whole:.0%}" if seconds else "" for seconds in found.values()]
            table.append([task, setting, f"{whole * 1e3:.1f}", *shares])
    return [heading, *table]


def as_text(table: Sequence[Sequence[str]], markdown: bool) -> str:
    """Return the table in columns, or as Markdown."""
    if markdown:
        lines = [f"| {' | '.join(row)} |" for row in table]
        return "\n".join([lines[0], "| --- | --- |" + " ---: |" * (len(table[0]) - 2), *lines[1:]])
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--steps", type=int, default=10, help="measured steps, after a warm-up")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    options = parser.parse_args()
    unknown = set(options.tasks) - set(TASKS)
    if unknown:
        parser.error(f"expected tasks of {', '.join(TASKS)}, got {', '.join(sorted(unknown))}")
    print(as_text(rows(options.tasks or TASKS, options.steps), options.markdown))


if __name__ == "__main__":
    main()
