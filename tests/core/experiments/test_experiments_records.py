"""Finished runs as records, and groups of those that differ in the seed alone."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from written_runs import write_run

from nntasks.errors import UsageError
from nntasks.experiments.records import (
    Group,
    Record,
    differing_keys,
    group_by_configuration,
    read_record,
)


def record(seed=0, accuracy=0.5, name="a", **config):
    summary = {"seed": seed, "metrics": {"accuracy": accuracy}}
    return Record(Path(name), {"seed": seed, **config}, summary, ())


def test_a_run_is_read(tmp_path):
    path = write_run(tmp_path, "a", metrics={"accuracy": 0.5, "undefined": None}, seed=3, width=4)
    (path / "metrics.jsonl").write_text('{"split": "train", "step": 1}\n')
    found = read_record(path)
    assert (found.path, found.seed, found.parameters) == (path, 3, None)
    assert found.config == {"seed": 3, "width": 4}  # the task is no key
    assert found.metrics["accuracy"] == 0.5
    assert math.isnan(found.metrics["undefined"])
    assert found.history == ({"split": "train", "step": 1},)


def test_a_run_that_is_not_finished(tmp_path):
    path = write_run(tmp_path, "a")
    with pytest.raises(UsageError) as told:
        read_record(path)
    assert str(told.value) == f"{path} is not finished; continue with: nntasks run --resume {path}"


def test_groups_are_in_the_order_of_their_first_run_and_their_runs_by_seed():
    runs = [record(1, width=8), record(0, width=4), record(0, width=8)]
    groups = group_by_configuration(runs)
    assert [group.name for group in groups] == ["width=8", "width=4"]
    assert [one.seed for one in groups[0].records] == [0, 1]


def test_where_a_run_was_logged_makes_no_group():
    (group,) = group_by_configuration([record(log="none"), record(1, log="tensorboard")])
    assert len(group.records) == 2


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"sizes": [4, 8]}, "sizes=4,8"),
        ({"a": 1, "b": False, "c": 0.5}, "a=1 b=False c=0.5"),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, "first"),  # too long: the name of the folder
        ({"path": "/" + "x" * 40 + "/runs/last"}, "path=.../runs/last"),
        ({"text": "y" * 50}, "text=" + "y" * 50),
    ],
)
def test_what_a_group_is_called(config, name):
    groups = group_by_configuration([record(name="first", **config), record(name="second")])
    assert groups[0].name == name


def test_a_single_configuration_has_the_name_of_its_first_run():
    (group,) = group_by_configuration([record(name="only", width=4)])
    assert group.name == "only"


def test_a_key_that_one_run_lacks_differs():
    assert differing_keys([record(width=4), record(1)]) == ["width"]
    assert differing_keys([record(width=4), record(width=4.0)]) == ["width"]
    assert differing_keys([record(log="a"), record(1, log="b")]) == []


def test_values_without_the_undefined_ones():
    runs = (record(0, 0.5), record(1, None), record(2, math.inf), record(3, 0.25))
    assert Group("a", runs).values("accuracy") == {0: 0.5, 3: 0.25}
    assert Group("a", runs).values("unknown") == {}
