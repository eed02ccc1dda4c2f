"""`bench`: measure the speed of the kernels."""

from __future__ import annotations

from typing import Any

import click

from nntasks.cli.options import print_json
from nntasks.report.formatting import how_many


@click.command("bench")
@click.argument("ops", nargs=-1, metavar="[OP]...")
@click.option(
    "--rounds",
    default=5,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Rounds of measurement; the table shows medians.",
)
@click.option(
    "--threads", type=click.IntRange(1, 1024), help="CPU threads; by default torch's own number."
)
@click.option("--json", "as_json", is_flag=True, help="Print the times as JSON, in seconds.")
def bench_verb(ops: tuple[str, ...], rounds: int, threads: int | None, as_json: bool) -> int:
    """Compare the speed of the kernels with their Python references and with other libraries.

    All implementations take turns on the same input. OP selects ops such as nms; the default is
    all.
    """
    import torch

    from nntasks.kernel_checks import bench as kernel_bench
    from nntasks.kernel_checks.timing import Row, left_out, rows_of
    from nntasks.ops import active

    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    rows: list[Row] = []
    try:
        cases = _chosen(ops, kernel_bench.CASES)
        for case in cases:
            click.echo(f"timing {case.op}", err=True)
            rows += rows_of(case, rounds=rounds)
        used = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
    absent = left_out(cases, rows)
    if as_json:
        table = {"rows": [vars(row) for row in rows], "left_out": absent}
        print_json({"kernels": active(), "threads": used, **table})
        return 0
    _print(
        rows, absent, f"torch {torch.__version__}, {how_many(used, 'thread')}, kernels: {active()}"
    )
    return 0


def _chosen(names: tuple[str, ...], cases: Any) -> list[Any]:
    from nntasks.errors import UsageError, did_you_mean

    known = [case.op for case in cases]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f" Known: {', '.join(known)}."
            raise UsageError(f"bench: no benchmark for op {name!r}.{hint}")
    return [case for case in cases if not names or case.op in names]


def _print(rows: Any, absent: list[str], where: str) -> None:
    from nntasks.kernel_checks.timing import print_rows

    print_rows(where, rows, absent)
    click.echo("\nratio: peer time / our time. For larger inputs and goals, run: make bench")
