"""MLflow: a database in the run's folder, or the tracking server that the user names."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks import LoggedRun, Logger
from nntasks.plugins.loggers.quiet import environment_defaults

FOLDER = "mlflow"  # in the run's folder
TAG = "nntasks.run"  # holds the name of the run's folder, by which a resumed run is found
_PATIENCE = 5.0  # seconds for which rows are held back, so that they travel together
_MOST_METRICS, _MOST_PARAMETERS, _LONGEST_VALUE = 1000, 100, 500  # of one request
_STATES = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_SILENT = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_LOGGING_LEVEL": "ERROR"}


class MLflowLogger(Logger):
    """An MLflow run in the experiment of the task.

    The store is `RUN/mlflow/mlflow.db`, or what MLFLOW_TRACKING_URI names. MLflow cannot remove
    rows, so the steps that a resumed run repeats are not written again.
    """

    def __init__(self, run: LoggedRun) -> None:
        super().__init__(run)
        with environment_defaults(_SILENT):
            from mlflow import MlflowClient

            uri, self._artefacts = _store(run.folder)
            self._client = MlflowClient(tracking_uri=uri)
            self._id, self._done = self._found() or (self._created(), {})
        self._rows: list[tuple[str, float, int, int]] = []
        self._last = max(run.next_step - 1, 0)
        self._sent = time.monotonic()

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self.run.task)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(self.run.task, self._artefacts))

    def _found(self) -> tuple[str, dict[str, int]] | None:
        """Return the log of a resumed run: its id, and the last step of each metric."""
        where = f"tags.`{TAG}` = '{self.run.folder.name}'"
        runs = self._client.search_runs([self._experiment()], where, max_results=1)
        if not runs:
            return None
        number = runs[0].info.run_id
        self._client.update_run(number, status="RUNNING")
        history = {
            name: self._client.get_metric_history(number, name) for name in runs[0].data.metrics
        }
        return number, {name: max(row.step for row in rows) for name, rows in history.items()}

    def _created(self) -> str:
        from mlflow.entities import Param

        made = self._client.create_run(
            self._experiment(), run_name=self.run.folder.name, tags={TAG: self.run.folder.name}
        )
        number = str(made.info.run_id)
        keys = [Param(key, str(value)[:_LONGEST_VALUE]) for key, value in self.run.config.items()]
        for some in _portions(keys, _MOST_PARAMETERS):
            self._client.log_batch(number, params=some)
        return number

    def scalars(self, step: int, epoch: float, values: Mapping[str, float]) -> None:
        now, self._last = int(time.time() * 1000), step
        new = {name: value for name, value in values.items() if step > self._done.get(name, -1)}
        self._rows += [(name, value, now, step) for name, value in new.items()]
        if time.monotonic() - self._sent > _PATIENCE:
            self.flush()

    def flush(self) -> None:
        from mlflow.entities import Metric

        for some in _portions(self._rows, _MOST_METRICS):
            self._client.log_batch(self._id, metrics=[Metric(*row) for row in some])
        self._rows, self._sent = [], time.monotonic()

    def pictures(self, step: int, files: Mapping[str, Path]) -> None:
        for path in files.values():
            self._client.log_artifact(self._id, str(path), "figures")

    def finish(self, summary: Mapping[str, Any], files: Sequence[Path]) -> None:
        metrics = {name: float(x) for name, x in summary["metrics"].items() if x is not None}
        self.scalars(self._last, 0.0, {f"test/{name}": value for name, value in metrics.items()})
        self.flush()
        for path in files:
            self._client.log_artifact(self._id, str(path))

    def close(self, end: Any) -> None:
        self.flush()
        self._client.set_terminated(self._id, _STATES[end])


def _store(folder: Path) -> tuple[str, str | None]:
    """Return the addresses of the store and of its artefacts; None leaves these to the server."""
    given = os.environ.get("MLFLOW_TRACKING_URI")
    if given:
        return given, None
    own = folder / FOLDER
    own.mkdir(exist_ok=True)
    return f"sqlite:///{own / 'mlflow.db'}", (own / "artifacts").as_uri()


def _portions(rows: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
