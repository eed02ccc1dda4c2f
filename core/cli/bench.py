"""`bench`: how fast are the kernels on this machine?"""

from __future__ import annotations

from typing import Any

import click

from nntasks.cli.options import print_json


@click.command("bench")
@click.argument("ops", nargs=-1, metavar="[OP]...")
@click.option(
    "--rounds",
    default=5,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="How often everyone has a turn; medians are shown.",
)
@click.option(
    "--threads", type=click.IntRange(1, 1024), help="As many as torch takes, if left out."
)
@click.option("--json", "as_json", is_flag=True, help="Print the times in seconds as JSON.")
def bench_verb(ops: tuple[str, ...], rounds: int, threads: int | None, as_json: bool) -> int:
    """Time the kernels against their Python references and against what one would use instead.

    Everyone takes turns on the same input. OP names those to time, such as nms; all, if left out.
    """
    import torch

    from nntasks.kernel_checks import bench as kernel_bench
    from nntasks.kernel_checks.timing import Row, rows_of
    from nntasks.ops import active

    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    rows: list[Row] = []
    try:
        for case in _chosen(ops, kernel_bench.CASES):
            click.echo(f"timing {case.op}", err=True)
            rows += rows_of(case, rounds=rounds)
        used = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
    if as_json:
        print_json({"kernels": active(), "threads": used, "rows": [vars(row) for row in rows]})
        return 0
    _print(rows, f"torch {torch.__version__}, {used} threads, kernels: {active()}")
    return 0


def _chosen(names: tuple[str, ...], cases: Any) -> list[Any]:
    from nntasks.errors import UsageError, did_you_mean

    known = [case.op for case in cases]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f" Known: {', '.join(known)}."
            raise UsageError(f"bench: there is no op {name!r} to time.{hint}")
    return [case for case in cases if not names or case.op in names]


def _print(rows: Any, where: str) -> None:
    from nntasks.kernel_checks.timing import print_rows

    print_rows(where, rows)
    click.echo("\nratio: the peer's time over ours. More work, and goals: make bench.")
