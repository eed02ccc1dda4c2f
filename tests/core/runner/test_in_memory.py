"""Training on data in memory: no run is kept, and errors name no folder that is gone."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace

import numpy as np
import pytest

from nntasks import contracts
from nntasks.errors import Diverged, Interrupted, RunFailed
from nntasks.runner import in_memory, make_task

KEYS = {"data": "xor", "data.points": 32, "hidden_sizes": "4", "epochs": 2, "validate_every": 1}


@pytest.fixture
def task(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = make_task("numpy_mlp", [KEYS])
    return in_memory.holding(made, contracts.load_data(made))


@pytest.fixture
def stopped(monkeypatch, task):
    """Let the training end with an error."""
    kind = type(contracts.task_model(task, task.load_data().info))

    def end(error):
        def fit(self, train, *, validation, run):
            raise error

        monkeypatch.setattr(kind, "fit", fit)

    return end


def test_a_task_holds_what_it_is_given(task):
    given = task.load_data()
    other = in_memory.holding(task, replace(given, test=given.train))
    assert other.load_data().test is given.train
    assert task.load_data() is given  # the first one is unchanged
    assert other.config is task.config


def test_the_model_is_trained_and_nothing_stays(task, tmp_path):
    model, rows = in_memory.train(task, validate=True)
    assert list(tmp_path.iterdir()) == []
    assert {row["split"] for row in rows} == {"train", "validation"}
    assert rows[-1]["epoch"] == 2
    again, _ = in_memory.train(task, validate=False)
    assert all(np.array_equal(again.state()[k], v) for k, v in model.state().items())


def test_without_validation_no_row_has_one(task):
    _, rows = in_memory.train(task, validate=False)
    assert {row["split"] for row in rows} == {"train"}


def test_a_training_that_diverged_names_no_black_box(task, stopped, tmp_path):
    accident = {"what": "the loss is nan", "at": "step 2", "lr": 12.5}
    stopped(Diverged("black box: somewhere", accident))
    with pytest.raises(RunFailed) as told:
        in_memory.train(task, validate=False)
    assert str(told.value) == "the loss is nan at step 2, learning rate 12.5; try a lower lr"
    assert os.listdir(tmp_path) == []


def test_a_stop_is_the_ctrl_c_that_it_was(task, stopped):
    stopped(Interrupted("continue with --resume a folder that is gone"))
    with pytest.raises(KeyboardInterrupt):
        in_memory.train(task, validate=False)


def test_weights_that_are_given_are_not_trained(tmp_path, task, monkeypatch, stopped):
    stopped(AssertionError("trained"))
    from nntasks.runner import in_memory as module

    model = contracts.task_model(task, task.load_data().info)
    monkeypatch.setattr(module, "starting_model", lambda *_: (model, True))
    assert in_memory.train(task, validate=True) == (model, [])
