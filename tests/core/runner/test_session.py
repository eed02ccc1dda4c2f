"""A run in progress: its end is a summary and its checks, or one line in its log."""

from __future__ import annotations

import json
import math

import pytest

from nntasks import contracts
from nntasks.errors import CheckFailed, Interrupted, RunFailed
from nntasks.interfaces import CrossCheck
from nntasks.machine.distributed import ALONE
from nntasks.run_folder import RunFolder, latest
from nntasks.runner import make_task
from nntasks.runner.session import Session
from nntasks.storage import checksums

KEYS = {"data": "xor", "data.points": 32, "hidden_sizes": "4", "epochs": 1}


@pytest.fixture(autouse=True)
def no_report(monkeypatch):
    monkeypatch.setattr("nntasks.report.run_report.write_report", lambda *_: None)


@pytest.fixture
def session(tmp_path):
    task = make_task("numpy_mlp", [KEYS])
    splits = contracts.load_data(task)
    folder = RunFolder.create(tmp_path, "numpy_mlp", KEYS, {})
    return Session(task, splits, folder, ALONE, True, {})


@pytest.fixture
def model(session):
    return contracts.task_model(session.task, session.splits.info)


def log(session):
    return (session.folder.path / "log.txt").read_text()


def test_a_complete_run(session, model):
    done = session.complete(model, trained=False)
    path = session.folder.path
    assert json.loads((path / "summary.json").read_text()) == json.loads(json.dumps(done.summary))
    assert checksums.damage(path) == ""
    description = json.loads((path / "checkpoints" / "final" / "model.json").read_text())
    assert description["task"] == "numpy_mlp"
    assert description["info"]["classes"] == ["even", "odd"]
    assert len((path / "items.csv").read_text().splitlines()) == 33
    assert "training on 32 samples" in log(session)
    assert "evaluated 32 samples in 1 batch" in log(session)
    assert done.summary["samples"] == 32
    assert done.summary["headline"] == [
        name for name in session.task.headline if name in done.summary["metrics"]
    ]
    assert done.summary["definitions"].keys() == done.summary["metrics"].keys()
    assert done.summary["parameters"] == model.parameter_count()


def test_trained_weights_are_only_evaluated(session, model, monkeypatch):
    monkeypatch.setattr(type(model), "fit", lambda *_, **__: 1 / 0)
    session.complete(model, trained=True)
    assert "training" not in log(session)
    assert session.handle.checkpoints.final is None


def test_an_evaluation_from_elsewhere_is_not_repeated(session, model, monkeypatch):
    known = session.evaluate(model)
    monkeypatch.setattr(type(model), "predict", lambda *_: 1 / 0)
    assert session.complete(model, True, known).summary["metrics"] == known.values


@pytest.mark.parametrize(
    ("left", "right", "tolerance", "agree"),
    [
        (1.0, 1.5, 0.5, True),
        (1.0, 1.5, 0.25, False),
        (math.nan, math.nan, 0.0, True),
        (math.nan, 1.0, 1.0, False),
    ],
)
def test_two_numbers_that_must_agree(session, model, monkeypatch, left, right, tolerance, agree):
    check = CrossCheck("the mean in two ways", left, right, tolerance)
    monkeypatch.setattr(type(session.task), "cross_checks", lambda *_: [check])
    if agree:
        assert session.complete(model, True).folder == session.folder.path
        return
    with pytest.raises(CheckFailed) as told:
        session.complete(model, True)
    assert str(told.value).startswith(f"the mean in two ways: {left!r} and {right!r} must agree")
    assert session.folder.summary() is None  # a run that failed has no summary
    assert "stopped: the mean in two ways" in log(session)


@pytest.mark.parametrize("error", [RunFailed("the disk"), Interrupted("later")])
def test_a_failed_run_gives_latest_back_and_an_interrupted_one_keeps_it(
    session, model, monkeypatch, capsys, error
):
    older = session.folder.path.parent / "20200101-000000-abcdef"
    older.mkdir()
    (older / "summary.json").write_text("{}")

    def fit(*_, **__):
        raise error

    monkeypatch.setattr(type(model), "fit", fit)
    with pytest.raises(type(error)):
        session.complete(model, False)
    kept = session.folder.path if isinstance(error, Interrupted) else older
    assert latest.names(kept)
    assert f"stopped: {error}" in log(session)


def test_yardsticks_that_fail_cost_the_verdict_and_not_the_run(session, model, monkeypatch, capsys):
    def yardsticks(*_):
        raise ValueError("no\nclasses")

    monkeypatch.setattr(type(session.task), "yardsticks", yardsticks)
    done = session.complete(model, True)
    assert "no verdict: ValueError: no classes\n" in capsys.readouterr().err
    assert set(done.summary["verdict"]) == {"good", "next"}


def test_other_processes_write_nothing(session, model):
    evaluation = session.evaluate(model)
    before = sorted(session.folder.path.rglob("*"))
    session.workers = Quiet()
    done = session.complete(model, True, evaluation)
    assert done.summary["intervals"] == {}
    assert done.summary["metrics"] == evaluation.values
    assert sorted(session.folder.path.rglob("*")) == before


class Quiet:
    """A second process whose first has found nothing wrong."""

    is_main = False

    def once(self, work):
        return None
