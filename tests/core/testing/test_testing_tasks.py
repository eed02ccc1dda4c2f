"""The check of a whole task, and of its parts one by one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from pydantic import Field, field_validator

from nntasks.config import TaskConfig
from nntasks.interfaces import DataInfo, Splits
from nntasks.testing.tasks import check_configuration, check_metrics, check_splits, check_task


def test_the_toy_passes_and_comes_back_as_it_was_made(toy):
    task = check_task("toy", width=4, **{"data.points": 16})
    assert task.config.width == 4
    assert task.context.choices.dataset_options.points == 16


def configured(**fields):
    kind = type("Schema", (TaskConfig,), {"__annotations__": dict.fromkeys(fields, int), **fields})
    return SimpleNamespace(config=kind())


def test_every_key_is_described():
    with pytest.raises(AssertionError, match="key 'width' of Schema needs a description"):
        check_configuration(configured(width=Field(3)))
    check_configuration(configured(width=Field(3, description="units")))


def test_a_configuration_that_changes_when_it_is_read():
    class Grows(TaskConfig):
        width: int = Field(1, description="units")

        @field_validator("width")
        @classmethod
        def more(cls, value):
            return value + 1

    task = SimpleNamespace(config=Grows.model_construct(**Grows().model_dump()))
    with pytest.raises(AssertionError, match="read"):
        check_configuration(task)


def test_options_of_data_and_model_read_back(toy):
    config = TaskConfig(data_options={"size": 4}, model_options={"depth": 2})
    check_configuration(SimpleNamespace(config=config))


class Empty:
    def __len__(self):
        return 0


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_every_split_that_is_there_is_checked(part):
    given = dict.fromkeys(("train", "validation", "test")) | {part: Empty()}
    with pytest.raises(AssertionError, match="a split must not be empty"):
        check_splits(Splits(**given, info=DataInfo()))
    check_splits(Splits(None, None, None, DataInfo()))


def test_a_task_needs_a_metric():
    with pytest.raises(AssertionError, match="a task needs a metric"):
        check_metrics(None, None, {})
