"""A finished run: its numbers, its pictures and its trained model."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.api.explanation import Explanation
from nntasks.api.figures import Figures
from nntasks.api.html import data_url, render
from nntasks.api.predictions import Prediction, Predictions, predict
from nntasks.api.rows import Rows
from nntasks.errors import UsageError
from nntasks.interfaces import Model, Outcome, Splits, Task
from nntasks.interfaces.report_data import Figure
from nntasks.report.formatting import format_interval, format_value, from_here
from nntasks.run_folder import RunFolder
from nntasks.runner import prediction
from nntasks.runner.evaluation import evaluate
from nntasks.runner.fingerprint import fingerprint
from nntasks.runner.recovery import change_of_test

_THUMBNAILS, _THUMBNAIL_SIDE = 4, 240  # pictures in a notebook, and their longest side in pixels


class Result:
    """A finished run.

    Numbers are read from its folder. The model is loaded when it is first used; `items`, `tables`
    and `figures` evaluate it again on the test split, which gives the same numbers.

    Args:
        path: the run's folder, such as `runs/unet_segment/latest`.

    Attributes:
        folder: the run's folder, links resolved.
        summary: the content of summary.json.

    Raises:
        UsageError: there is no run, or it is not finished.
    """

    def __init__(self, path: Path | str) -> None:
        run = RunFolder.open(Path(path).expanduser())
        summary = run.summary()
        if summary is None:
            raise UsageError(f"{path} is not finished; finish it with: nntasks run --resume {path}")
        self._run = run
        self.folder: Path = run.path
        self.summary: Mapping[str, Any] = summary

    @property
    def metrics(self) -> dict[str, float]:
        """All metrics by name; undefined ones are NaN."""
        return {k: math.nan if v is None else v for k, v in self.summary["metrics"].items()}

    @property
    def headline(self) -> dict[str, float]:
        """The most important metrics by name; all where the task names none."""
        metrics = self.metrics
        return {name: metrics[name] for name in self.summary["headline"] or metrics}

    @property
    def definitions(self) -> dict[str, str]:
        """One sentence for each metric."""
        return dict(self.summary["definitions"])

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.folder / "report.html"

    @cached_property
    def history(self) -> Rows:
        """The scalars of training: split, step, epoch, loss, learning rate, metrics."""
        return Rows(self._run.history, "history")

    @property
    def items(self) -> Rows:
        """One row per test sample, as in items.csv."""
        return Rows(self.task.items(self.outcome), "items")

    @property
    def tables(self) -> dict[str, Rows]:
        """The tables of the report by name."""
        return {table.name: Rows.of(table) for table in self.task.tables(self.outcome)}

    @property
    def figures(self) -> Figures:
        """The figures of the report by name; each access draws one as a Matplotlib figure."""
        return Figures(lambda: self._figures)

    @property
    def task(self) -> Task:
        """The configured task."""
        return self._opened[0]

    @property
    def model(self) -> Model:
        """The trained model."""
        return self._opened[1]

    def predict(self, source: Any) -> Prediction | Predictions:
        """Apply the model to pictures.

        Args:
            source: a path, folder, pattern, PIL image or array, or a list of these.
        """
        return predict(self.task, self.model, source)

    def explain(self, source: str | os.PathLike[str], **options: Any) -> Explanation:
        """Explain one number of the model's output, as `nntasks explain` does."""
        found = prediction.explain(str(self.folder), None, str(source), options)
        return Explanation(found)

    @cached_property
    def _opened(self) -> tuple[Task, Model]:
        return prediction.open_model(str(self.folder), None, [])

    @cached_property
    def splits(self) -> Splits:
        """The data as they are now."""
        return contracts.load_data(self.task)

    def change_of_data(self) -> str:
        """Describe how test data and classes differ from those of the run; empty if the same."""
        test = Splits(None, None, self.splits.test, self.splits.info)
        return change_of_test(self._run, fingerprint(test))

    @cached_property
    def outcome(self) -> Outcome:
        """The evaluation on the test split: metrics with their state, the split, the model."""
        task, model = self._opened
        splits = self.splits
        metrics = contracts.task_metrics(task, splits.info)
        size = int(getattr(task.config, "evaluation_batch", 32))
        found = evaluate(model, splits.test, metrics, batch_size=size)
        return Outcome(found.metrics, found.values, splits.test, self._run.history, model)

    @cached_property
    def _figures(self) -> dict[str, Figure]:
        from nntasks.report.run_report import training_figures

        drawn = [
            *training_figures(self._run.history, self.summary["headline"]),
            *self.task.figures(self.outcome),
        ]
        return {figure.name: figure for figure in drawn}

    def __repr__(self) -> str:
        numbers = ", ".join(f"{k} {format_value(v)}" for k, v in list(self.headline.items())[:4])
        return f"<Result of {self.summary['task']}: {numbers}; {from_here(self.folder)}>"

    def _repr_html_(self) -> str:
        intervals = self.summary.get("intervals", {})
        numbers = [
            (
                name,
                format_value(value),
                format_interval(intervals.get(name)),
                self.definitions.get(name),
            )
            for name, value in self.headline.items()
        ]
        return render(
            "result.html",
            summary=self.summary,
            numbers=numbers,
            thumbnails=self._thumbnails(),
            folder=from_here(self.folder),
            report=from_here(self.report),
        )

    def _thumbnails(self) -> list[tuple[str, str]]:
        """Return (name, data URL) of the first figures in the folder."""
        from PIL import Image

        files = sorted((self.folder / "figures").glob("*.png"))[:_THUMBNAILS]
        found = []
        for file in files:
            with Image.open(file) as image:
                found.append((file.stem, data_url(image, _THUMBNAIL_SIDE)))
        return found
