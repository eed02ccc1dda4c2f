"""The keys of a task with those of its data sets and models; alternatives for one key."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from nntasks.config import Options, TaskConfig
from nntasks.errors import UsageError
from nntasks.experiments.key_fields import (
    alternatives,
    fields_of,
    takes_commas,
    with_present_names,
)
from nntasks.runner import make_task


class Schema(Options):
    name: str = Field("", description="a name")
    file: Path = Field(Path(), description="a file")
    maybe: Path | None = Field(None, description="a file or none")
    sizes: tuple[int, ...] = Field((), description="sizes")


FIELDS = Schema.model_fields


def test_the_keys_of_the_data_set_and_of_the_model_have_prefixes(toy):
    fields = fields_of(make_task("toy", []))
    assert fields["data.points"].description == "points per split"
    assert fields["width"].description == "hidden units"
    assert not [key for key in fields if key.startswith("model.")]  # this model takes none


def test_every_named_data_set_adds_its_keys():
    task = make_task("unet_segment", [])
    more = fields_of(task, ["data=blobs,mask_folders"])
    alone = [fields_of(task, [f"data={name}"]) for name in ("blobs", "mask_folders")]
    assert set(alone[0]) | set(alone[1]) == set(more)
    assert set(alone[0]) < set(more) > set(alone[1])


def test_a_data_set_that_is_unknown_adds_nothing(toy):
    task = make_task("toy", [])
    assert fields_of(task, ["data=clouds,no_such"]).keys() == fields_of(task).keys()


@pytest.mark.parametrize(
    ("key", "takes"),
    [("name", False), ("file", True), ("maybe", True), ("sizes", True), ("unknown", False)],
)
def test_which_keys_take_commas(key, takes):
    assert takes_commas(FIELDS, key) is takes


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("name", "a,b", ["a", "b"]),
        ("name", '"a,b",c', ["a,b", "c"]),
        ("name", "a:b", ["a:b"]),
        ("sizes", "4,8:16", ["4,8", "16"]),
        ("file", "a,b.txt", ["a,b.txt"]),
        ("unknown", "1,2", ["1", "2"]),
        ("name", "", [""]),
        ("name", "a,", ["a", ""]),
    ],
)
def test_alternatives(key, value, expected):
    assert alternatives(FIELDS, key, value) == expected


@pytest.fixture
def renamed(toy, monkeypatch):
    task = make_task("toy", [])
    monkeypatch.setattr(type(task.config), "renamed", {"units": "width"})
    return task


def test_former_names_become_present_ones(renamed):
    assert with_present_names(renamed, ["units=4", "lr=0.1"]) == ["width=4", "lr=0.1"]


def test_a_key_is_given_by_one_of_its_names(renamed):
    with pytest.raises(UsageError, match="units"):
        with_present_names(renamed, ["units=4", "width=8"])


def test_every_field_of_a_configuration_is_a_key(toy):
    assert set(TaskConfig.model_fields) <= set(fields_of(make_task("toy", [])))
