"""Tasks: what they delegate to their context, and what they do not support by default."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nntasks.config import TaskConfig
from nntasks.errors import UsageError
from nntasks.interfaces.data import DataInfo
from nntasks.interfaces.task import Task
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.run_folder.array_files import dump_arrays

INFO = DataInfo(("a", "b"))


class Net:
    arrays = "numpy"

    def load_state(self, state):
        self.loaded = state


class Context:
    """Says what it is asked for; its stored model has another configuration."""

    task = "mine"

    def __init__(self):
        self.calls = []

    def configured(self, config):
        self.calls.append(("configured", config))
        return self

    def load_dataset(self, config):
        return ("data of", config)

    def build_model(self, config, info):
        self.calls.append(("build", config, info))
        return Net()

    def build_metrics(self, config, info):
        return {"config": config, "info": info}

    def stored_model(self, weights, config, info):
        return self.stored if hasattr(self, "stored") else config, info or INFO


@pytest.fixture
def task():
    return Task(TaskConfig(), Context())


@pytest.fixture
def weights(tmp_path):
    (tmp_path / "w").write_bytes(dump_arrays({"w": np.ones(2)}))
    return tmp_path / "w"


def test_data_model_and_metrics_are_those_of_the_context(task):
    assert task.load_data() == ("data of", task.config)
    assert isinstance(task.build_model(INFO), Net)
    assert task.build_metrics(INFO) == {"config": task.config, "info": INFO}


def test_another_configuration_is_another_task_of_the_class():
    class Mine(Task):
        pass

    config = TaskConfig(seed=3)
    task = Mine(TaskConfig(), Context())
    other = task.configured(config)
    assert type(other) is Mine
    assert other.config is config
    assert task.context.calls == [("configured", config)]


def test_weights_are_loaded_into_a_model_for_the_data_they_were_trained_with(task, weights):
    model = task.load_model(weights, None)
    assert model.loaded["w"].tolist() == [1, 1]
    assert task.context.calls == [("build", task.config, INFO)]
    assert task.load_pretrained(weights, INFO).loaded.keys() == {"w"}


def test_weights_of_another_model_are_loaded_with_its_configuration(task, weights):
    task.context.stored = TaskConfig(model="stored")
    task.load_model(weights, None)
    assert task.context.calls == [
        ("configured", task.context.stored),
        ("build", task.context.stored, INFO),
    ]


@pytest.mark.parametrize(
    ("method", "empty"),
    [
        ("items", []),
        ("cross_checks", ()),
        ("figures", ()),
        ("thumbnails", ()),
        ("tables", ()),
        ("files", {}),
        ("browser", None),
        ("yardsticks", Yardsticks()),
    ],
)
def test_a_task_shows_nothing_of_its_own_by_default(task, method, empty):
    assert getattr(task, method)(None) == empty


def test_there_is_no_search_space_by_default(task):
    assert task.search_space() == {}


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("predict_sources", (None, [Path("a")])),
        ("explain", (None, "a", None)),
        ("check_gradients", ()),
    ],
)
def test_what_a_task_may_leave_out(task, method, given):
    with pytest.raises(NotImplementedError):
        getattr(task, method)(*given)


def test_a_task_takes_no_arrays_unless_it_says_how(task):
    with pytest.raises(UsageError, match="task 'mine' takes no data in memory"):
        task.splits_of(np.zeros((2, 3)), np.zeros(2), ("a",))
