"""The files that a search leaves, while other processes share it."""

from __future__ import annotations

import json
import threading

import pytest

from nntasks.experiments import tuning_report
from nntasks.experiments.space import Choice
from nntasks.experiments.study import Search, open_study
from nntasks.storage import locks


@pytest.fixture
def search(tmp_path):
    pytest.importorskip("optuna")
    return Search("toy", {}, {"width": Choice(("4", "8"))}, "accuracy", tmp_path)


def complete(study, folder, value):
    trial = study.ask()
    trial.suggest_categorical("width", ["4", "8"])
    trial.set_user_attr("folder", str(folder))
    trial.set_user_attr("owner", 1)
    study.tell(trial, value)


def written(search):
    return json.loads((search.folder / "results.json").read_text())["trials"]


def test_a_trial_whose_keys_another_process_still_chooses_is_left_out(search, tmp_path):
    study = open_study(search, print)
    complete(study, tmp_path / "a", 0.5)
    study.ask()  # another process, just before it chooses
    tuning_report.write(search, study, ["tune"], print)
    assert [trial["accuracy"] for trial in written(search)] == [0.5]


def test_who_writes_last_has_read_last(search, tmp_path):
    """A report that waits for its turn holds what ended during the wait."""
    study = open_study(search, print)
    complete(study, tmp_path / "a", 0.5)
    with locks.held(search.folder, print):
        waits = threading.Event()
        writer = threading.Thread(
            target=tuning_report.write,
            args=(search, study, ["tune"], lambda line: waits.set()),
        )
        writer.start()
        assert waits.wait(60)
        complete(study, tmp_path / "b", 0.75)
    writer.join()
    assert [trial["accuracy"] for trial in written(search)] == [0.5, 0.75]
