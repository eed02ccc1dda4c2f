"""Predictions that show themselves."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nntasks.api.html import data_url, render
from nntasks.api.rows import Rows
from nntasks.api.sources import as_file, is_many
from nntasks.errors import UsageError
from nntasks.interfaces import Model, Task
from nntasks.runner.input_files import expand

_WIDEST = 640  # pixels of a picture in a notebook
_SHOWN = 12  # predictions that a notebook shows


@dataclass(frozen=True, repr=False)
class Prediction:
    """The prediction for one picture.

    Attributes:
        source: the path, or `picture0` for a picture in memory.
        records: one row per box, class or mask.
        picture: the picture with the prediction drawn in, as a PIL image; None if there is none.
        files: further files by the suffix of their name, such as `-mask.png`, as bytes.
        problem: why the file could not be read; empty if it could.
    """

    source: str
    records: Rows
    picture: Any = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    problem: str = ""

    def __repr__(self) -> str:
        what = self.problem or f"{len(self.records)} records"
        return f"<Prediction of {self.source}: {what}>"

    def _repr_html_(self) -> str:
        shown = None if self.picture is None else data_url(self.picture, _WIDEST)
        return render("prediction.html", prediction=self, picture=shown)


class Predictions(list[Prediction]):
    """The predictions for several pictures, in order."""

    @property
    def records(self) -> Rows:
        """The records of all pictures, each with its source."""
        return Rows({"source": one.source, **row} for one in self for row in one.records)

    def __repr__(self) -> str:
        return f"<Predictions of {len(self)} pictures: {len(self.records)} records>"

    def _repr_html_(self) -> str:
        shown = [one._repr_html_() for one in self[:_SHOWN]]
        return render("predictions.html", parts=shown, more=len(self) - len(shown))


def predict(task: Task, model: Model, source: Any) -> Prediction | Predictions:
    """Apply a model to pictures.

    Args:
        task, model: from a run.
        source: a path, folder, pattern, PIL image or array, or a list of these (see `as_file`).

    Returns:
        one Prediction for one picture; Predictions for a list, a folder or a pattern.

    Raises:
        UsageError: the task reads no pictures, a source is none, or the only one cannot be read.
    """
    if type(task).predict_sources is Task.predict_sources:
        raise UsageError(f"task {task.context.task!r} does not support predictions on files")
    many = is_many(source)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = [
            as_file(one, folder, number) for number, one in enumerate(source if many else [source])
        ]
        paths = expand([str(path) for path in given], task.source_suffixes)
        results = task.predict_sources(model, paths)
        found = Predictions(
            Prediction(
                path.stem if path.parent == folder else str(path),
                Rows(result.records),
                result.picture,
                result.files,
                result.problem,
            )
            for path, result in zip(paths, results, strict=True)
        )
    return found if many or paths != given else _only(found)


def _only(found: Sequence[Prediction]) -> Prediction:
    (prediction,) = found
    if prediction.problem:
        raise UsageError(prediction.problem)
    return prediction
