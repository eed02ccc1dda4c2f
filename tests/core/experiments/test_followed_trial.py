"""One trial of a search: started once, reported as it validates, and ended with one line."""

from __future__ import annotations

import json

import pytest
from written_runs import write_run

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.experiments import followed_trial
from nntasks.experiments.followed_trial import FollowedTrial, validations
from nntasks.experiments.planned_run import PlannedRun
from nntasks.experiments.space import Choice
from nntasks.experiments.study import Search, open_study, without_warnings
from nntasks.interfaces.launcher import Job, Launcher

optuna = pytest.importorskip("optuna")
STATE = optuna.trial.TrialState


class Recorded(Job):
    """A job that ends when the test says so."""

    how = None
    stopped = False

    def ended(self):
        return self.how

    def stop(self):
        self.stopped, self.how = True, self.how or "stopped"


class Here(Launcher):
    def __init__(self):
        super().__init__(Options(), folder=None, jobs=None)
        self.jobs = []

    def submit(self, commands):
        self.jobs += [Recorded() for _ in commands]
        return self.jobs[-len(commands) :]


class Held:
    """The ownership of a trial."""

    lost = released = False

    def is_lost(self):
        return self.lost

    def beat(self):
        pass

    def release(self):
        self.released = True


@pytest.fixture
def followed(tmp_path, monkeypatch):
    """A trial that is followed, with the objects around it."""
    monkeypatch.setattr(followed_trial, "_LOOK", 0)
    search = Search("toy", {"epochs": "1"}, {"width": Choice(("4", "8"))}, "accuracy", tmp_path)
    study = open_study(search, print)
    with without_warnings():
        trial = study.ask()
    trial.set_user_attr("folder", str(tmp_path / "trial"))
    one = FollowedTrial(search, study, trial, {"width": "4"}, Here(), Held())
    one.study, one.launcher, one.held = study, one._launcher, one._ownership
    return one


def finish(run, *values, metrics=None):
    """Write what a run of the trial leaves."""
    path = write_run(run.folder, "20261123-120000-abcdef", metrics=metrics or {"accuracy": 0.5})
    validate(path, *values)


def validate(path, *values):
    rows = [{"split": "train", "epoch": 1, "accuracy": 9.0}]
    rows += [{"split": "validation", "epoch": n, "accuracy": v} for n, v in enumerate(values, 1)]
    (path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def state(one):
    return one.study.trials[0].state


def test_the_keys_of_its_run(followed):
    assert followed.run.keys == {"epochs": "1", "width": "4"}
    assert followed.name == "trial 0: width=4:"


def test_a_trial_that_ends_well(followed):
    assert followed.step() is None  # starts it
    assert len(followed.launcher.jobs) == 1
    finish(followed.run, 0.25, 0.75)
    followed.launcher.jobs[0].how = "exit code 0"
    assert followed.step() == "trial 0: width=4: validation accuracy 0.7500"
    (trial,) = followed.study.trials
    assert (trial.state, trial.value) == (STATE.COMPLETE, 0.75)
    assert trial.intermediate_values == {1: 0.25, 2: 0.75}


def test_validations_are_reported_while_it_runs_each_once(followed):
    followed.step()
    path = write_run(followed.run.folder, "20261123-120000-abcdef")
    validate(path, 0.25)
    assert followed.step() is None
    validate(path, 0.25, 0.5)
    assert followed.step() is None
    assert followed.study.trials[0].intermediate_values == {1: 0.25, 2: 0.5}


def test_a_trial_that_lags_behind_is_stopped(followed, monkeypatch):
    followed.step()
    validate(write_run(followed.run.folder, "20261123-120000-abcdef"), 0.25)
    monkeypatch.setattr(type(followed._trial), "should_prune", lambda self: True)
    assert followed.step() == "trial 0: width=4: stopped early: it lags behind other trials"
    assert followed.launcher.jobs[0].stopped
    assert state(followed) == STATE.PRUNED


def test_a_run_that_fails(followed):
    followed.step()
    (followed.run.folder / "stderr.txt").write_text("nntasks: the disk is full\n")
    followed.launcher.jobs[0].how = "exit code 1"
    assert followed.step() == "trial 0: width=4: failed: exit code 1: the disk is full"
    assert state(followed) == STATE.FAIL
    assert followed.study.trials[0].user_attrs["problem"] == "exit code 1: the disk is full"


def test_a_metric_that_no_validation_has_ends_the_search(followed):
    followed.step()
    finish(followed.run, metrics={"other": 1.0})
    followed.launcher.jobs[0].how = "exit code 0"
    with pytest.raises(UsageError, match="has no validation of 'accuracy'; its metrics are other"):
        followed.step()
    assert state(followed) == STATE.FAIL


def test_a_trial_that_another_process_took_is_let_go(followed):
    followed.held.lost = True
    line = followed.step()
    assert line.startswith("trial 0: width=4: was taken over by another process")
    assert followed.launcher.jobs == []
    assert state(followed) == STATE.RUNNING


def test_the_end_stops_the_job_and_releases_the_trial(followed):
    followed.step()
    followed.end()
    assert followed.launcher.jobs[0].stopped
    assert followed.held.released
    assert followed.run.folder.is_dir()  # it holds the plan


def test_a_trial_that_never_ran_leaves_no_folder(followed):
    followed.run.folder.mkdir()
    followed.end()
    assert not followed.run.folder.exists()


def test_validations_of_all_attempts_in_order(tmp_path):
    run = PlannedRun("a", "toy", {}, tmp_path)
    for name, values in (("20261124-1", (0.5,)), ("20261123-1", (0.25, None))):
        validate(write_run(tmp_path, name), *values)
    assert validations(run, "accuracy") == [(1, 0.25), (1, 0.5)]
    assert validations(run, "loss") == []
