"""A search: as many trials as asked for, no keys twice, the same keys for the same seed."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from written_runs import write_run

from nntasks.config import Options
from nntasks.errors import Interrupted, RunFailed
from nntasks.experiments import tuning
from nntasks.experiments.planned_run import PlannedRun
from nntasks.experiments.space import Choice, Range
from nntasks.experiments.study import Search, counted, open_study
from nntasks.interfaces.launcher import Job, Launcher

pytest.importorskip("optuna")


class Done(Job):
    def ended(self):
        return "exit code 0"

    def stop(self):
        pass


class Instant(Launcher):
    """Each run is finished when it is submitted; its accuracy is a hundredth of its width."""

    def __init__(self):
        super().__init__(Options(), folder=None, jobs=None)
        self.closed, self.keys = False, []

    def submit(self, commands):
        for command in commands:
            run = PlannedRun.read(command.folder)
            self.keys.append(dict(run.keys))
            self.finish(run)
        return [Done() for _ in commands]

    def finish(self, run):
        value = float(run.keys["width"]) / 100
        path = write_run(run.folder, "20261123-120000-abcdef", metrics={"accuracy": value})
        row = {"split": "validation", "epoch": 1, "accuracy": value}
        (path / "metrics.jsonl").write_text(json.dumps(row) + "\n")

    def close(self):
        self.closed = True


@pytest.fixture
def search_for(tmp_path, monkeypatch):
    """Return a function that searches, and returns what was run and what was said."""
    monkeypatch.setattr(tuning, "_POLL", 0)

    def call(space, trials, *, seed=0, jobs=1, launcher=None, timeout=None, out="out"):
        search = Search("toy", {"epochs": "1"}, space, "accuracy", tmp_path / out, seed=seed)
        study, told, made = open_study(search, print), [], launcher or Instant()
        choice = SimpleNamespace(made=lambda folder: made, jobs=jobs)
        try:
            tuning.tune(
                search, study, trials=trials, timeout=timeout, launcher=choice, say=told.append
            )
        finally:
            assert made.closed
        return SimpleNamespace(search=search, study=study, told=told, keys=made.keys)

    return call


CHOICES = {"width": Choice(("4", "8", "16"))}


def test_every_choice_once_and_the_best_of_them(search_for):
    done = search_for(CHOICES, 20)
    assert sorted(keys["width"] for keys in done.keys) == ["16", "4", "8"]
    assert done.told[-1] == "no further trial: every choice was tried"
    assert tuning.best_keys(done.search, done.study) == {"epochs": "1", "width": "16"}


def test_no_more_trials_than_asked_for_and_the_rest_later(search_for):
    first = search_for(CHOICES, 2, jobs=2)
    assert len(first.keys) == len(counted(first.study)) == 2
    assert first.told[-1].startswith("[2/2] trial ")
    assert len(search_for(CHOICES, 3).keys) == 1
    assert search_for(CHOICES, 3).keys == []


SPACE = {
    "width": Range(2, 64, whole=True),
    "lr": Range(1e-4, 0.1, log=True),
    "norm": Choice(("none", "batch")),
}


def test_the_seed_decides_the_keys(search_for):
    seeds = {"a": 1, "b": 1, "c": 2}
    first, same, other = (search_for(SPACE, 3, seed=n, out=out).keys for out, n in seeds.items())
    assert first == same != other
    for keys in first:
        assert 2 <= int(keys["width"]) <= 64
        assert 1e-4 <= float(keys["lr"]) <= 0.1
        assert keys["norm"] in ("none", "batch")
        assert keys["epochs"] == "1"


def test_best_keys_are_typed_as_they_were_run(search_for):
    done = search_for(SPACE, 2)
    assert tuning.best_keys(done.search, done.study) in done.keys


def test_no_trial_starts_after_the_timeout(search_for):
    done = search_for(CHOICES, 3, timeout=-1)
    assert done.keys == []
    assert done.told == ["no further trial: the timeout has passed"]


class Refuses(Instant):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def submit(self, commands):
        raise self.error


def test_ctrl_c_says_how_to_go_on(search_for):
    with pytest.raises(Interrupted, match=r"^interrupted; repeat the command to continue$"):
        search_for(CHOICES, 2, launcher=Refuses(KeyboardInterrupt()))


def test_a_launcher_that_refuses_ends_the_search_and_frees_the_trial(search_for, tmp_path):
    with pytest.raises(RunFailed, match="no partition"):
        search_for(CHOICES, 1, launcher=Refuses(RunFailed("no partition")))
