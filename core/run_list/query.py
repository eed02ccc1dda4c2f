"""A list of runs as it was asked for: filtered, sorted, cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nntasks.run_list.conditions import ordered, require_known, select
from nntasks.run_list.finding import find
from nntasks.run_list.listed_run import ListedRun


@dataclass(frozen=True)
class Query:
    """What to list.

    Attributes:
        where: conditions that all must hold, such as "dice>0.9".
        sort: a fact, metric or key: the largest number first, text from A to Z; empty for the
            newest first.
        reverse: the other way round; runs without the value stay last.
        limit: the number of runs; None for all.
        columns: what to show of each; empty for a choice.
    """

    where: Sequence[str] = ()
    sort: str = ""
    reverse: bool = False
    limit: int | None = None
    columns: Sequence[str] = ()

    def answer(self, out: Path) -> list[ListedRun]:
        """Return the runs below `out`.

        Raises:
            UsageError: `out` is no folder, or no run has a key.
        """
        every = find(out)
        require_known(every, "--columns", self.columns)
        runs = select(every, self.where)
        if self.sort:
            require_known(every, "--sort", [self.sort])
            runs = ordered(runs, self.sort, reverse=self.reverse) if runs else []
        elif self.reverse:
            runs.reverse()
        return runs[: self.limit]
