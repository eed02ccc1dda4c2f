"""MLflow's own client finds what was logged; with a stand-in, and with the package where it is."""

from __future__ import annotations

import json
import math
import os

import mlflow_stand_in
import pytest

from nntasks import LoggedRun
from nntasks.plugins.loggers.mlflow_log import MLflowLogger
from nntasks.testing import check_logger

CONFIG = {"lr": 0.1, "data.size": 8, **{f"key{i}": "x" * 900 for i in range(120)}}


@pytest.fixture(params=["stand-in", "package"], autouse=True)
def package(request, monkeypatch):
    """Use the stand-in, or the package where it is installed."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    if request.param == "stand-in":
        mlflow_stand_in.install(monkeypatch)
    else:
        monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        pytest.importorskip("mlflow")
        pytest.importorskip("sqlalchemy")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "20260101-000000-abcdef"
    made.mkdir()
    return made


def read(uri):
    """Return the only run of a store."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    names = [one.experiment_id for one in client.search_experiments()]
    (run,) = client.search_runs(names)
    history = {
        name: [(row.step, row.value) for row in client.get_metric_history(run.info.run_id, name)]
        for name in run.data.metrics
    }
    return run, history


def own_store(folder):
    return f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}"


def test_a_stopped_and_resumed_run_is_one_log_with_each_step_once(folder):
    first = MLflowLogger(LoggedRun("toy", folder, CONFIG))
    for step in (1, 2, 3):
        first.scalars(step, step / 3, {"train/loss": 1 / step})
    first.scalars(3, 1.0, {"validation/dice": 0.5})
    first.close("interrupted")
    assert read(own_store(folder))[0].info.status == "KILLED"
    second = MLflowLogger(LoggedRun("toy", folder, CONFIG, 2))  # from a checkpoint of step 1
    for step in (2, 3, 4):
        second.scalars(step, step / 3, {"train/loss": 1 / step})
    second.scalars(4, 4 / 3, {"validation/dice": 0.75})
    summary, picture = folder / "summary.json", folder / "curves.png"
    summary.write_text('{"a": 1}')
    picture.write_bytes(b"png")
    second.pictures(4, {"curves": picture})
    second.finish({"metrics": {"dice": 0.25, "undefined": None}}, [summary])
    second.close("finished")
    run, history = read(own_store(folder))
    assert (run.info.status, run.info.run_name) == ("FINISHED", folder.name)
    assert history == {
        "train/loss": [(step, 1 / step) for step in (1, 2, 3, 4)],
        "validation/dice": [(3, 0.5), (4, 0.75)],
        "test/dice": [(4, 0.25)],
    }
    assert run.data.params == {key: str(value)[:500] for key, value in CONFIG.items()}
    kept = {path.name: path for path in (folder / "mlflow" / "artifacts").rglob("*.*")}
    assert json.loads(kept["summary.json"].read_text()) == {"a": 1}
    assert kept["curves.png"].parent.name == "figures"


def test_rows_are_there_after_a_flush(folder):
    logger = MLflowLogger(LoggedRun("toy", folder, {"lr": 0.1}))
    logger.scalars(1, 0.5, {"train/loss": math.nan})
    logger.flush()
    ((step, value),) = read(own_store(folder))[1]["train/loss"]
    assert step == 1
    assert math.isnan(value)


def test_the_store_that_the_user_names_is_used(folder, tmp_path, monkeypatch, request):
    uri = f"sqlite:///{tmp_path / 'all.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    logger = MLflowLogger(LoggedRun("toy", folder, {"lr": 0.1}))
    logger.scalars(1, 0.5, {"train/loss": 0.5})
    logger.close("failed")
    run, history = read(uri)
    assert history == {"train/loss": [(1, 0.5)]}
    assert run.info.status == "FAILED"
    assert not (folder / "mlflow").exists()


def test_the_contract_is_kept_and_the_environment_left_alone():
    before = dict(os.environ)
    check_logger(MLflowLogger)
    assert dict(os.environ) == before
