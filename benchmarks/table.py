"""Run the benchmarks and print one table of ratios beside their goals: `make bench`.

    python benchmarks/table.py              # all, some minutes
    python benchmarks/table.py nms im2col   # files whose name has one of the words in it

A file takes part through its CASES, or through a function `rows`.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from measured import machine, rows_of_all

from nntasks.kernel_checks.inputs import Case
from nntasks.kernel_checks.timing import Row, left_out, print_rows


def modules(words: list[str]) -> list[object]:
    """Import the benchmarks whose name has one of the words in it; all, if there are none."""
    names = sorted(file.stem for file in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not words or any(word in name for word in words)]
    return [importlib.import_module(name) for name in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="part of a file's name")
    chosen = modules(parser.parse_args().words)
    if not chosen:
        parser.error("no benchmark has that in its name")
    rows: list[Row] = []
    cases: list[Case] = []
    for module in chosen:
        cases += getattr(module, "CASES", ())
        rows += rows_of_all(getattr(module, "CASES", ()))
        rows += module.rows() if hasattr(module, "rows") else []
    print_rows(machine(), rows, left_out(cases, rows))
    missed = sum(row.goal is not None and row.ratio < row.goal for row in rows)
    print(f"\n  {sum(row.goal is not None for row in rows)} goals, {missed} missed")
    for module in chosen:
        if hasattr(module, "print_growth"):
            module.print_growth()


if __name__ == "__main__":
    main()
