"""The list of runs as calls, with the names of the verb `runs`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from nntasks.api.pruned import Pruned
from nntasks.api.result import Result
from nntasks.api.rows import Rows
from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder, tags
from nntasks.run_list import csv_file, finding, pruning
from nntasks.run_list.query import Query

Run = Result | Path | str


class Runs:
    """The runs below a folder: `nt.runs(...)` lists them; `nt.runs.prune(...)` removes some."""

    def __call__(
        self,
        out: Path | str = "runs",
        *,
        where: str | Sequence[str] = (),
        sort: str = "",
        reverse: bool = False,
        limit: int | None = None,
        columns: Sequence[str] = (),
        csv: Path | str | None = None,
    ) -> Rows:
        """Return the runs below a folder, a row each: `nt.runs(where="dice>0.9", sort="dice")`.

        Args:
            out: the folder that holds them.
            where: conditions on facts, metrics and keys, such as "state=finished", "dice>0.9" or
                "loss=focal"; all must hold.
            sort: a fact, metric or key: the largest number first, text from A to Z; the newest run
                first by default.
            reverse: the other way round.
            limit: the number of runs; all by default.
            columns: facts, metrics and keys; by default facts and all metrics.
            csv: a file to write the rows to as well.

        Returns:
            rows; `nt.load(row["run"])` opens one. A damaged run has its reason in `problem`.

        Raises:
            UsageError: there is no such folder, or no run has a key.
            RunFailed: the file cannot be written.
        """
        _at_least("limit", 1, limit)
        query = Query(_conditions(where), sort, reverse, limit, columns)
        rows = Rows((run.row(columns) for run in query.answer(_path(out))), "runs")
        if csv is not None:
            csv_file.write(_path(csv), rows, columns)
        return rows

    def tag(self, run: Run, *names: str) -> tuple[str, ...]:
        """Add tags to a run; return all that it has: `nt.runs.tag(result, "baseline")`.

        Args:
            run: a Result, or the folder of a run.
            names: up to 60 letters, digits, '_', '-', '+' and '.' each.

        Raises:
            UsageError: there is no such run, or a tag has other characters.
        """
        return tags.change(_folder(run), add=names)

    def untag(self, run: Run, *names: str) -> tuple[str, ...]:
        """Remove tags from a run; return those that it keeps.

        Raises:
            UsageError: there is no such run.
        """
        return tags.change(_folder(run), remove=names)

    def prune(
        self,
        out: Path | str = "runs",
        *,
        where: str | Sequence[str] = (),
        keep_best: int | None = None,
        by: str | None = None,
        tagged: bool = False,
        latest: bool = False,
        yes: bool = False,
    ) -> Pruned:
        """Remove runs; without `yes` only say which, and how large they are.

        A running run is never removed; tagged ones and those that `latest` names stay unless asked
        for.

        Args:
            out: the folder that holds them.
            where: conditions that all must hold, as in a list.
            keep_best: this many finished runs of each task stay.
            by: the metric that says which are the best; by default the first headline metric.
            tagged: whether tagged runs may go.
            latest: whether runs that `latest` names may go.
            yes: remove them.

        Raises:
            UsageError: neither `where` nor `keep_best` is given, or a condition is wrong.
            RunFailed: a run cannot be removed.
        """
        if not where and keep_best is None:
            raise UsageError(
                "expected where= or keep_best=, which say what to remove, got neither; for "
                "example: nt.runs.prune(where='state=failed')"
            )
        _at_least("keep_best", 0, keep_best)
        choice = pruning.Choice(_conditions(where), keep_best, by, tagged, latest)
        found = pruning.plan(finding.find(_path(out)), choice)
        done = Pruned(found, yes)  # before they are gone
        for run in found.removed if yes else ():
            pruning.remove(run, lambda line: print(line, file=sys.stderr))
        return done


runs = Runs()
"""The runs below a folder, listed, tagged and removed: see `Runs`."""


def _conditions(where: str | Sequence[str]) -> list[str]:
    return [where] if isinstance(where, str) else list(where)


def _at_least(name: str, least: int, value: int | None) -> None:
    if value is not None and value < least:
        raise UsageError(f"{name}: expected at least {least}, got {value!r}")


def _path(path: Path | str) -> Path:
    return Path(path).expanduser()


def _folder(run: Run) -> Path:
    return run.folder if isinstance(run, Result) else RunFolder.open(_path(run)).path
