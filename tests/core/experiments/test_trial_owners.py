"""Trials of dead processes go back into the queue: by claims, and by a database's heartbeat."""

from __future__ import annotations

import os
from pathlib import Path

import postgres
import pytest

from nntasks.experiments import trial_owners
from nntasks.experiments.space import Choice
from nntasks.experiments.study import JOURNAL, Search, counted, open_study, without_warnings

pytest.importorskip("optuna")


@pytest.fixture(scope="module")
def database():
    with postgres.running() as address:
        yield address


def search_in(folder, storage=""):
    return Search("toy", {}, {"width": Choice(("4", "8"))}, "accuracy", folder, storage)


def begun(study, folder):
    """Return a trial that a process follows, and its ownership."""
    with without_warnings():
        trial = study.ask()
    trial.suggest_categorical("width", ["4", "8"])
    trial.set_user_attr("folder", str(folder / f"trial{trial.number}"))
    return trial, trial_owners.own(study, trial)


def dies(owned, trial):
    """Let the process that follows a trial be dead for long."""
    if isinstance(owned, trial_owners._ByClaim):
        owned._claim._heartbeat.stop()
        os.utime(Path(trial.user_attrs["folder"]) / "owner" / "claims" / "0", (0, 0))
        return
    import sqlalchemy

    engine = owned._storage._backend.engine
    with engine.begin() as connection:
        past = "heartbeat = '2001-01-01 00:00:00'"
        connection.execute(sqlalchemy.text(f"UPDATE trial_heartbeats SET {past}"))


@pytest.mark.parametrize("kind", ["journal", "sqlite", "postgresql"])
def test_a_dead_trial_is_queued_again_with_its_keys_and_its_folder(tmp_path, request, kind):
    storage = {
        "journal": lambda: "",
        "sqlite": lambda: f"sqlite:///{tmp_path / 'searches.db'}",
        "postgresql": lambda: request.getfixturevalue("database"),
    }[kind]()
    study = open_study(search_in(tmp_path, storage), print)
    living, owned = begun(study, tmp_path)
    trial, lost = begun(study, tmp_path)
    dies(lost, trial)
    owned.beat()
    if kind != "journal":
        owned._next = 0.0
        owned.beat()
    told = []
    trial_owners.retry_dead_trials(study, told.append)
    assert told == [f"trial {trial.number} was stopped; resuming it"]
    assert [one.number for one in trial_owners.followed(study)] == [living.number]
    with without_warnings():
        again = study.ask()
    assert again.number == 2
    assert again.suggest_categorical("width", ["4", "8"]) == trial.params["width"]
    assert again.user_attrs["folder"] == trial.user_attrs["folder"]
    assert len(counted(study)) == 2  # it takes the place of the dead one
    trial_owners.retry_dead_trials(study, told.append)
    assert len(told) == 1
    owned.release()


def test_by_default_a_journal_is_written_without_locks_of_the_system(tmp_path):
    search = search_in(tmp_path)
    study = open_study(search, print)
    study.tell(study.ask(), 0.5)
    assert sorted(path.name for path in search.folder.iterdir()) == [JOURNAL]
    assert [trial.value for trial in open_study(search, print).get_trials()] == [0.5]


def test_a_search_in_sqlite_of_an_earlier_version_goes_on(tmp_path):
    import optuna

    search = search_in(tmp_path)
    search.folder.mkdir(parents=True)
    address = f"sqlite:///{search.folder / 'study.db'}"
    old = optuna.create_study(storage=address, study_name=f"toy-{search.id}", direction="maximize")
    old.tell(old.ask(), 0.25)
    assert [trial.value for trial in open_study(search, print).get_trials()] == [0.25]
    assert not (search.folder / JOURNAL).exists()


@pytest.mark.slow
def test_two_commands_search_in_postgresql(cli, database, tmp_path):
    words = ("toy", "epochs=1", "data.points=64", "--space", "width=4,8", "--space", "ema=0,0.5")
    done = [
        cli("tune", *words, "--trials", 4, "--jobs", 2, "--storage", database, "--out", out)
        for out in (tmp_path / "a", tmp_path / "b")  # machines that share no folder
    ]
    assert [one.returncode for one in done] == [0, 0], done
    assert "trial 0" in done[0].stderr
    assert "trial" not in done[1].stderr  # all four are known
    assert len(list(tmp_path.glob("*/toy/tune-*/trial*/toy/2*/summary.json"))) == 4
