"""Shared code of the kernel benchmarks: a script that prints ratios, and a pytest group."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks import ops
from nntasks.errors import MissingError
from nntasks.kernel_checks.inputs import Case
from nntasks.kernel_checks.timing import Row, left_out, print_rows, rows_of


def machine() -> str:
    """Return the versions, threads and instruction set."""
    return (
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"{torch.backends.cpu.get_cpu_capability()}"
    )


def rows_of_all(cases: Sequence[Case]) -> list[Row]:
    """Time every case with the compiled kernels, with progress lines.

    A case whose data are missing is left out, by name.
    """
    rows: list[Row] = []
    with ops.use("native"):
        for case in cases:
            print(f"timing {case.op}, {case.work}", file=sys.stderr, flush=True)
            try:
                rows += rows_of(case)
            except MissingError as error:
                print(f"left out: {case.op}, {case.work}: {error}", file=sys.stderr)
    return rows


def print_cases(cases: Sequence[Case]) -> None:
    """Print the ratios of all cases."""
    rows = rows_of_all(cases)
    print_rows(machine(), rows, left_out(cases, rows))


def each(cases: Sequence[Case]) -> Any:
    """Parametrise a test by (case, who): one group per case, one line per implementation."""
    return pytest.mark.parametrize(
        ("case", "who"),
        [
            pytest.param(case, who, id=f"{case.work}-{who}")
            for case in cases
            for who in ("native", *(("python",) if case.with_python else ()), *case.peers)
        ],
    )


def measure(benchmark: Any, case: Case, who: str) -> Any:
    """Time one implementation with pytest-benchmark; return its result."""
    if who == "native" and not ops.native_available():
        pytest.skip("no compiled library: python -m pip install --no-build-isolation -e .")
    benchmark.group = f"{case.op}, {case.work}"
    try:
        calls = case.calls()
    except MissingError as error:
        pytest.skip(str(error))
    name = "ours" if who == "native" else who
    if name not in calls:
        pytest.skip(f"{name} is not installed")
    call = calls[name]
    with ops.use("native" if who == "native" else "auto"):
        return benchmark.pedantic(call, rounds=5, warmup_rounds=1)
