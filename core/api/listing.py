"""The list of runs as a call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nntasks.api.rows import Rows
from nntasks.run_list.query import Query


def runs(
    out: Path | str = "runs",
    *,
    where: str | Sequence[str] = (),
    sort: str = "",
    reverse: bool = False,
    limit: int | None = None,
    columns: Sequence[str] = (),
) -> Rows:
    """Return the runs below a folder, a row each: `runs(where="dice>0.9", sort="dice")`.

    Args:
        out: the folder that holds them.
        where: conditions on facts, metrics and keys, such as "state=finished", "dice>0.9" or
            "loss=focal"; all must hold.
        sort: a fact, metric or key: the largest number first, text from A to Z; the newest run
            first by default.
        reverse: the other way round.
        limit: the number of runs; all by default.
        columns: facts, metrics and keys; by default facts and all metrics.

    Returns:
        rows; `nt.load(row["run"])` opens one. A damaged run has its reason in `problem`.

    Raises:
        UsageError: there is no such folder, or no run has a key.
    """
    conditions = [where] if isinstance(where, str) else where
    query = Query(conditions, sort, reverse, limit, columns)
    return Rows((run.row(columns) for run in query.answer(Path(out).expanduser())), "runs")
