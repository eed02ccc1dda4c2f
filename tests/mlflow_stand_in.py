"""The part of MLflow that the logger uses, in memory: for machines without the package."""

from __future__ import annotations

import shutil
import sys
import types
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

Metric = namedtuple("Metric", "key value timestamp step")
Param = namedtuple("Param", "key value")
STORES: dict = {}


class MlflowClient:
    def __init__(self, tracking_uri):
        self._store = STORES.setdefault(tracking_uri, SimpleNamespace(experiments={}, runs=[]))

    def get_experiment_by_name(self, name):
        return self._store.experiments.get(name)

    def create_experiment(self, name, artifact_location=None):
        made = SimpleNamespace(experiment_id=name, name=name, place=artifact_location)
        self._store.experiments[name] = made
        return name

    def search_experiments(self):
        return list(self._store.experiments.values())

    def create_run(self, experiment_id, run_name, tags):
        info = SimpleNamespace(
            run_id=str(len(self._store.runs)), run_name=run_name, status="RUNNING"
        )
        data = SimpleNamespace(metrics={}, params={}, tags=tags)
        made = SimpleNamespace(info=info, data=data, history=[], experiment=experiment_id)
        self._store.runs.append(made)
        return made

    def search_runs(self, experiment_ids, filter_string="", max_results=1000):
        found = [run for run in self._store.runs if run.experiment in experiment_ids]
        key, _, value = filter_string.removeprefix("tags.").partition(" = ")
        wanted = {key.strip("`"): value.strip("'")} if filter_string else {}
        return [run for run in found if wanted.items() <= run.data.tags.items()][:max_results]

    def get_metric_history(self, run_id, key):
        return [row for row in self._store.runs[int(run_id)].history if row.key == key]

    def update_run(self, run_id, status):
        self._store.runs[int(run_id)].info.status = status

    set_terminated = update_run

    def log_batch(self, run_id, metrics=(), params=()):
        run = self._store.runs[int(run_id)]
        assert len(metrics) <= 1000
        assert len(params) <= 100
        run.history += metrics
        run.data.metrics |= {row.key: row.value for row in metrics}
        run.data.params |= {row.key: row.value for row in params}

    def log_artifact(self, run_id, local_path, artifact_path=""):
        run = self._store.runs[int(run_id)]
        place = self._store.experiments[run.experiment].place.removeprefix("file://")
        target = Path(place, run_id, "artifacts", artifact_path or "")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(local_path, target)


def install(monkeypatch):
    """Have `import mlflow` find this."""
    STORES.clear()
    module, entities = types.ModuleType("mlflow"), types.ModuleType("mlflow.entities")
    module.MlflowClient, module.entities = MlflowClient, entities
    entities.Metric, entities.Param = Metric, Param
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
