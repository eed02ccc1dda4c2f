"""A search's identity, its storage, and which of its trials count."""

from __future__ import annotations

import sys
import warnings

import pytest

from nntasks.errors import MissingError, UsageError
from nntasks.experiments.space import Choice, Range
from nntasks.experiments.study import (
    JOURNAL,
    REPEATS,
    SURPLUS,
    Search,
    completed,
    counted,
    open_study,
    without_warnings,
)

optuna = pytest.importorskip("optuna")


def search_in(folder, **changed):
    given = {"fixed": {"epochs": "1"}, "space": {"width": Choice(("4", "8"))}, "metric": "accuracy"}
    return Search(**{"task": "toy", **given, "out": folder, **changed})


@pytest.fixture
def study(tmp_path):
    return open_study(search_in(tmp_path), print)


def asked(study, **attributes):
    with without_warnings():
        trial = study.ask()
    for name, value in attributes.items():
        trial.set_user_attr(name, value)
    return trial


def numbers(trials):
    return [trial.number for trial in trials]


def test_the_order_of_keys_place_and_seed_are_no_part_of_the_identity(tmp_path):
    two = {"a": "1", "b": "2"}
    one = search_in(tmp_path, fixed=two)
    assert one.id == search_in("/x", fixed=dict(reversed(two.items())), seed=7, storage="s").id
    assert one.folder == tmp_path / "toy" / f"tune-{one.id}"


@pytest.mark.parametrize(
    "changed",
    [
        {"task": "other"},
        {"fixed": {"epochs": "2"}},
        {"space": {"width": Choice(("4", "16"))}},
        {"space": {"width": Range(4, 8)}},
        {"metric": "loss"},
    ],
)
def test_whatever_else_differs_is_another_search(tmp_path, changed):
    assert search_in(tmp_path, **changed).id != search_in(tmp_path).id


def test_a_study_is_opened_again_with_its_trials(tmp_path, study):
    asked(study)
    assert (search_in(tmp_path).folder / JOURNAL).is_file()
    assert numbers(open_study(search_in(tmp_path), print).trials) == [0]


def test_the_database_of_an_earlier_version_is_used_on(tmp_path):
    search = search_in(tmp_path)
    old = f"sqlite:///{search.folder / 'study.db'}"
    asked(open_study(search_in(tmp_path, storage=old), print))
    assert numbers(open_study(search, print).trials) == [0]
    assert not (search.folder / JOURNAL).exists()


def test_a_storage_that_cannot_be_opened_is_one_line(tmp_path):
    storage = f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}"
    with pytest.raises(UsageError) as told:
        open_study(search_in(tmp_path, storage=storage), print)
    assert str(told.value).startswith(f"cannot open the storage {storage}: ")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("module", "storage"), [("no_driver", "mysql+no_driver://host/db")])
def test_an_unknown_database_is_one_line(tmp_path, module, storage):
    with pytest.raises((MissingError, UsageError), match=module):
        open_study(search_in(tmp_path, storage=storage), print)


def test_without_optuna_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingError, match="run: python -m pip install optuna"):
        open_study(Search("toy", {}, {}, "accuracy", tmp_path), print)


def test_which_trials_count(study):
    asked(study, folder="a").report(0.5, 1)
    asked(study, folder="b", **{REPEATS: 0})
    asked(study, folder="c", **{SURPLUS: True})
    study.enqueue_trial({}, user_attrs={"folder": "d"})  # waits
    assert numbers(counted(study)) == [0]
    again = asked(study)  # the one that waited runs
    assert again.number == 3
    assert numbers(counted(study)) == [0, 3]
    assert numbers(counted(study, before=3)) == [0]


def test_a_trial_that_is_run_again_counts_once(study):
    asked(study, folder="a")
    asked(study, folder="a")
    assert numbers(counted(study)) == [1]


def test_the_completed_trials(study):
    first, second = asked(study), asked(study)
    study.tell(first, 0.5)
    study.tell(second, state=optuna.trial.TrialState.FAIL)
    assert numbers(completed(study)) == [0]
    assert study.best_trial.number == 0


def test_the_larger_value_is_the_better(study):
    for value in (0.25, 0.75, 0.5):
        study.tell(asked(study), value)
    assert study.best_value == 0.75


def test_other_warnings_pass():
    with warnings.catch_warnings(record=True) as told, without_warnings():
        warnings.warn("new", optuna.exceptions.ExperimentalWarning)
        warnings.warn("of the user", UserWarning)
    assert [str(one.message) for one in told] == ["of the user"]
