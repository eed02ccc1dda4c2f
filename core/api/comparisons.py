"""What comparisons, ablations and searches return: tables and conclusions that show themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.api.html import render
from nntasks.api.rows import Rows
from nntasks.experiments import tuning_report

if TYPE_CHECKING:
    from nntasks.experiments.ablation import Ablation
    from nntasks.experiments.compared_runs import Comparison
    from nntasks.experiments.study import Search


class _Shown:
    """Tables by name, and conclusions as sentences."""

    def __init__(self, tables: Sequence[Any], sentences: Sequence[str]) -> None:
        self.tables = {table.name: Rows.of(table) for table in tables}
        self.sentences = list(sentences)

    def __repr__(self) -> str:
        return "\n".join(self.sentences) or f"<{type(self).__name__}: {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        shown = [rows._repr_html_() for rows in self.tables.values() if rows]
        return render("comparison.html", tables=shown, sentences=self.sentences)


class Compared(_Shown):
    """A comparison of runs.

    Attributes:
        tables: rows by name: the keys that differ, all metrics, the compared metric.
        sentences: one conclusion per group except the first.
        groups: the metrics by group and seed.
    """

    def __init__(self, found: Comparison) -> None:
        super().__init__(found.tables, found.sentences)
        self.groups: dict[str, Any] = found.to_dict()["groups"]


class Ablated(_Shown):
    """An ablation.

    Attributes:
        tables, sentences: as in the report.
        folder: the folder of the runs, with report.html.
        results: the content of results.json.
    """

    def __init__(self, done: Ablation) -> None:
        super().__init__(done.tables, done.sentences)
        self.folder: Path = done.folder
        self.results: dict[str, Any] = done.results


class Tuned(_Shown):
    """A search.

    Attributes:
        tables, sentences: as in the report.
        folder: the folder of the trials, with best.yaml and report.html.
        best: the best keys, as text; empty if no trial was completed.
        trials: one row per trial.
        results: the content of results.json.
    """

    def __init__(self, search: Search, results: dict[str, Any]) -> None:
        super().__init__(tuning_report.tables(search, results), tuning_report.sentences(results))
        self.folder: Path = search.folder
        self.best: dict[str, str] = dict(results.get("best", {}).get("keys", {}))
        self.trials = Rows(results["trials"], "trials")
        self.results = results
