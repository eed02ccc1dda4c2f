"""What a plugin hands over is checked where it is handed over; one line names the plugin."""

from __future__ import annotations

import importlib
import sys

import pytest
from odd_plugin_source import HOOKS, NAMES, SOURCE

from nntasks import Entry, contracts
from nntasks.config import TaskConfig
from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import DataInfo
from nntasks.registry import KINDS, OF_TASKS, Plugin
from nntasks.registry.discovery import collect
from nntasks.runner import make_task, task_making


@pytest.fixture
def registry(tmp_path, monkeypatch):
    (tmp_path / "odd_things.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, "odd_things", raising=False)
    entries = tuple(
        (kind, Entry(name, f"odd_things:{name}", "s", ("Good",) if kind in OF_TASKS else ()))
        for kind in KINDS
        for name in NAMES.get(kind, "").split()
    )
    return collect([Plugin("odd", "odd-things 1.0", entries=entries)])


def told(kind, name, call):
    """Return what is said of an entry, after the plugin's and the entry's name."""
    with pytest.raises(PluginError) as error:
        call()
    start = f"plugin 'odd' (odd-things 1.0): {kind} {name!r} "
    text = str(error.value)
    assert text.startswith(start)
    assert error.value.exit_code == 5
    assert "\n" not in text
    return text[len(start) :]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("NoTask", "must be a subclass of nntasks.Task, got class NoTask"),
        ("PARTS", "must be a subclass of nntasks.Task, got Splits"),
        ("OddConfig", "has a Config that must be a subclass of nntasks.TaskConfig, got class dict"),
        ("TextHeadline", "needs a tuple of texts as headline, got a text"),
    ],
)
def test_a_task_that_is_none(registry, name, problem):
    assert told("task", name, lambda: contracts.task_class(registry, name)) == problem
    assert told("task", name, lambda: make_task(name, [], registry)) == problem


def test_an_entry_announces_the_renamed_keys_of_the_config(registry, monkeypatch):
    monkeypatch.setattr(TaskConfig, "renamed", {"old": "seed"})
    problem = "needs renamed={'old': 'seed'} in its Entry, as in its Config, got {}"
    assert told("task", "Good", lambda: contracts.task_class(registry, "Good")) == problem


def test_a_task_with_an_init_of_its_own(registry, monkeypatch):
    monkeypatch.setattr(task_making, "choose", lambda *names: None)  # they build it all themselves
    problem = told("task", "OddInit", lambda: make_task("OddInit", [], registry))
    assert problem.startswith("cannot be made: TypeError:")


def test_a_logger_that_is_none(registry):
    lacking = told("logger", "LogsNothing", lambda: contracts.logger_class(registry, "LogsNothing"))
    assert lacking == "lacks scalars, which class LogsNothing must define"
    other = told("logger", "Constant", lambda: contracts.logger_class(registry, "Constant"))
    assert other == "must be a subclass of nntasks.Logger, got class Constant"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Constant", "must be a subclass of nntasks.Dataset, got class Constant"),
        ("none", "must be a subclass of nntasks.Dataset, got function"),
        ("Unloadable", "lacks load, which class Unloadable must define"),
        ("OddOptions", "has a Config that must be a subclass of nntasks.Options, got class dict"),
    ],
)
def test_a_data_set_that_is_none(registry, name, problem):
    assert told("data set", name, lambda: contracts.dataset_class(registry, name)) == problem


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("GivesATuple", "must give Splits from load(), got tuple"),
        ("GivesNoTest", "needs a Split as test of its Splits, got None"),
        ("GivesAList", "needs a Split as train of its Splits, got list"),
        ("GivesNoInfo", "needs a DataInfo as info of its Splits, got dict"),
        ("Fails", "cannot be loaded: KeyError: 'pictures'; --debug shows where"),
    ],
)
def test_data_that_are_no_splits(registry, name, problem):
    task = make_task("Good", [{"data": name, "model": "Constant"}], registry)
    assert told("data set", name, lambda: contracts.load_data(task)) == problem


def test_a_task_may_make_splits_of_what_a_data_set_gives(registry, monkeypatch):
    """As detection does: its data sets give sequences of samples."""
    task = make_task("Good", [{"data": "GivesAList", "model": "Constant"}], registry)
    own = task.load_data  # bound before the class is given another way
    given = own()
    assert isinstance(given.train, list)
    monkeypatch.setattr(type(task), "load_data", lambda self: given)
    told_of = pytest.raises(PluginError, match="needs a Split as train of its Splits, got list")
    with told_of:
        contracts.load_data(task)


def test_an_error_of_ours_passes_as_it_is(registry):
    task = make_task("Good", [{"data": "Refuses", "model": "Constant"}], registry)
    with pytest.raises(UsageError, match=r"^data\.path: expected a folder$"):
        contracts.load_data(task)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("PARTS", "must be a class or a function that builds it, got Splits"),
        ("NoState", "lacks state, which class NoState must define"),
    ],
)
def test_a_model_that_cannot_be_built_is_found_before_the_data_are_loaded(registry, name, problem):
    layers = [{"data": "Data", "model": name}]
    assert told("model", name, lambda: make_task("Good", layers, registry)) == problem


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none", "must give a Model from its builder, got None"),
        ("two", "is built from (config, info, seeds), but its builder takes (config, info)"),
        ("by_name", "is built from (config, info, seeds), but its builder takes (*, config, info"),
        ("abstract_inside", "cannot be built: TypeError: Can't instantiate abstract class NoState"),
        ("breaks", "cannot be built: IndexError: tuple index out of range; --debug shows where"),
    ],
)
def test_a_builder_of_models_that_is_wrong(registry, name, problem):
    task = make_task("Good", [{"data": "Data", "model": name}], registry)
    assert told("model", name, lambda: task.build_model(DataInfo())).startswith(problem)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("PARTS", "must be a class or a function that builds it, got Splits"),
        ("Merges", "lacks merge, which class Merges must define"),
        ("none", "is built from (config, info), but its builder takes (config, info, seeds)"),
        ("two", "must give a Metric from its builder, got Constant"),
    ],
)
def test_a_metric_that_is_wrong(registry, name, problem):
    def build():
        builder = contracts.metric_builder(registry, name, "Good")
        contracts.build_metric(registry, name, builder, TaskConfig(), DataInfo())

    assert told("metric", name, build) == problem


@pytest.mark.parametrize(
    ("name", "part", "problem"),
    [
        ("LoadsATuple", contracts.load_data, "must give Splits from load(), got tuple"),
        ("BuildsNone", contracts.task_model, "must give a Model from build_model(), got None"),
        ("ListsMetrics", contracts.task_metrics, "must give metrics by name from build_metrics(),"),
        ("NotMetrics", contracts.task_metrics, "must give a Metric from build_metrics()['zero'],"),
        ("TwoZeros", contracts.task_metrics, "has two metrics, 'a' and 'b', that both define "),
    ],
)
def test_what_a_task_builds_itself(registry, monkeypatch, name, part, problem):
    monkeypatch.setattr(task_making, "choose", lambda *names: None)  # they build it all themselves
    task = make_task(name, [], registry)
    given = [] if part is contracts.load_data else [DataInfo()]
    assert told("task", name, lambda: part(task, *given)).startswith(problem)


GOOD = {"data": "Data", "model": "Constant", "metrics": "Zero"}


def test_what_keeps_the_contract_passes(registry):
    task = make_task("Good", [GOOD], registry)
    splits = contracts.load_data(task)
    assert len(splits.test) == 2
    assert contracts.task_model(task, splits.info).predict(splits.test.batch([0])) == [0]
    assert list(contracts.task_metrics(task, splits.info)) == ["Zero"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("run", "odd_task"), "must be a subclass of nntasks.Task"),
        (("info", "odd_task"), "must be a subclass of nntasks.Task"),
        (("explain", "odd_task", "x"), "must be a subclass of nntasks.Task"),
        (("run", "toy", "model=odd_net"), "must give a Model from its builder, got None"),
        (("run", "toy", "metrics=odd_metric"), "lacks merge"),
        (("run", "toy", "data=odd_data"), "must give Splits from load(), got tuple"),
        (("run", "toy", "data=odd_data", "--dry-run"), "must give Splits from load(), got tuple"),
        (("lr-find", "toy", "data=odd_data"), "must give Splits from load(), got tuple"),
    ],
)
def test_every_verb_says_so_in_one_line_and_leaves_nothing(
    registry, cli_here, tmp_path, monkeypatch, words, problem
):
    info = tmp_path / "odd_things-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: odd-things\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nntasks]\nodd = odd_hooks\n")
    (tmp_path / "odd_hooks.py").write_text(HOOKS)
    monkeypatch.delitem(sys.modules, "odd_hooks", raising=False)
    importlib.invalidate_caches()
    here = tmp_path / "here"
    here.mkdir()
    done = cli_here(*words, cwd=here)
    assert done.returncode == 5
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("nntasks: plugin 'odd' (odd-things 1.0): ")
    assert problem in line
    assert list(here.iterdir()) == []
