"""Checks of the objects that plugins return.

A broken contract ends the command with exit code 5 and one line that names the plugin. Examples: a
task that is not a Task, a builder with other arguments, a class without a required method, a `load`
that returns a tuple. Errors of `nntasks.errors` that a plugin raises pass through unchanged.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nntasks.config import Options, TaskConfig
from nntasks.errors import NNTasksError
from nntasks.interfaces import DataInfo, Dataset, Metric, Model, Splits, Task
from nntasks.interfaces.logger import Logger
from nntasks.interfaces.scoring import Scorer, Scores
from nntasks.registry import Registry

_PARTS = ("train", "validation", "test")


def task_class(registry: Registry, name: str) -> type[Task]:
    """Return the class of a task.

    Raises:
        PluginError: it is not a Task, its `Config` is not a TaskConfig, a tuple of names is a
            string, or its entry announces other renamed keys than its `Config`.
    """
    found = _subclass(registry, "tasks", name, Task)
    _require_config(registry, "tasks", name, found, TaskConfig)
    for attribute in ("headline", "source_suffixes"):
        if isinstance(getattr(found, attribute), str):
            problem = f"needs a tuple of texts as {attribute}, got a text"
            raise registry.blame("tasks", name, problem)
    own, announced = dict(found.Config.renamed), dict(registry.entry("tasks", name).renamed)
    if own != announced:
        problem = f"needs renamed={own} in its Entry, as in its Config, got {announced}"
        raise registry.blame("tasks", name, problem)
    return found


def make_task_object(
    registry: Registry, name: str, kind: type[Task], config: Any, context: Any
) -> Task:
    """Return the task with its configuration."""
    with _building(registry, "tasks", name, "cannot be made"):
        return kind(config, context)


def dataset_class(registry: Registry, name: str, task: str | None = None) -> type[Dataset]:
    """Return the class of a data set.

    Raises:
        PluginError: it is not a Dataset, or lacks a method.
    """
    found = _subclass(registry, "datasets", name, Dataset, task)
    _require_config(registry, "datasets", name, found, Options)
    _require_methods(registry, "datasets", name, found)
    return found


def logger_class(registry: Registry, name: str) -> type[Logger]:
    """Return the class of a logger (see `dataset_class`)."""
    found = _subclass(registry, "loggers", name, Logger)
    _require_methods(registry, "loggers", name, found)
    return found


def load_dataset(registry: Registry, name: str, load: Callable[[], Any]) -> Splits:
    """Call `load`, which reads the data set `name`, and return its result.

    The type of its parts is up to the data set and its task: texts, or pictures of any size.
    """
    with _building(registry, "datasets", name, "cannot be loaded"):
        splits = load()
    problem = _wrong_splits(splits)
    if problem:
        raise registry.blame("datasets", name, problem)
    return splits


def model_builder(registry: Registry, name: str, task: str | None = None) -> Callable[..., Model]:
    """Return the builder of a model, a class or a function."""
    found = _builder(registry, "models", name, task)
    if getattr(found, "Config", None) is not None:
        _require_config(registry, "models", name, found, Options)
    return found


def build_model(registry: Registry, name: str, builder: Callable[..., Any], *given: Any) -> Model:
    """Build a model from (config, info, seeds) and, if it has any, its options."""
    words = ("config", "info", "seeds", "options")[: len(given)]
    return _built(registry, "models", name, builder, Model, dict(zip(words, given, strict=True)))


def metric_builder(registry: Registry, name: str, task: str | None = None) -> Callable[..., Metric]:
    """Return the builder of a metric, a class or a function."""
    return _builder(registry, "metrics", name, task)


def build_metric(
    registry: Registry,
    name: str,
    builder: Callable[..., Any],
    config: TaskConfig,
    info: DataInfo,
) -> Metric:
    """Build a metric from (config, info)."""
    return _built(registry, "metrics", name, builder, Metric, {"config": config, "info": info})


def load_data(task: Task) -> Splits:
    """Return the data of a task.

    Raises:
        PluginError: the task does not return Splits; names the data set if the task returned its
            result unchanged.
    """
    registry, name = task.context.registry, task.context.task
    with _building(registry, "tasks", name, "cannot load its data"):
        splits = task.load_data()
    problem = _wrong_splits(splits) or _wrong_parts(splits)
    if problem and type(task).load_data is Task.load_data:
        raise registry.blame("datasets", task.config.data, problem)
    if problem:
        raise registry.blame("tasks", name, problem)
    return splits


def task_model(task: Task, info: DataInfo) -> Model:
    """Return the model that a task builds for data like `info`."""
    registry, name = task.context.registry, task.context.task
    with _building(registry, "tasks", name, "cannot build its model"):
        model = task.build_model(info)
    if not isinstance(model, Model):
        raise registry.blame("tasks", name, _expected("build_model()", "a Model", model))
    return model


def task_metrics(task: Task, info: DataInfo) -> dict[str, Metric]:
    """Return the metrics of a task, checked before training.

    Raises:
        PluginError: they are not a mapping of metrics, or two define the same number.
    """
    registry, name = task.context.registry, task.context.task
    with _building(registry, "tasks", name, "cannot build its metrics"):
        metrics = task.build_metrics(info)
    if not isinstance(metrics, Mapping):
        raise registry.blame(
            "tasks", name, _expected("build_metrics()", "metrics by name", metrics)
        )
    owners: dict[str, str] = {}
    for key, metric in metrics.items():
        if not isinstance(metric, Metric):
            raise registry.blame(
                "tasks", name, _expected(f"build_metrics()[{key!r}]", "a Metric", metric)
            )
        for number in metric.definitions():
            if number in owners:
                raise registry.blame(
                    "tasks",
                    name,
                    f"has two metrics, {owners[number]!r} and {key!r}, that both define {number!r}",
                )
            owners[number] = key
    return dict(metrics)


def scorer_class(registry: Registry, task: str) -> type[Scorer]:
    """Return the class of a task's scorer.

    Raises:
        UsageError: the task has none.
        PluginError: it is not a Scorer, or lacks a method.
    """
    found = registry.resolve_scorer(task)
    if not (isinstance(found, type) and issubclass(found, Scorer)):
        problem = f"needs a subclass of nntasks.Scorer as scorer, got {_named(found)}"
        raise registry.blame("tasks", task, problem)
    _require_config(registry, "tasks", task, found, Options)
    _require_methods(registry, "tasks", task, found)
    return found


def scores(registry: Registry, task: str, compute: Callable[[], Any]) -> Scores:
    """Call `compute`, which scores predictions, and return its result."""
    with _building(registry, "tasks", task, "cannot score"):
        found = compute()
    if not isinstance(found, Scores):
        raise registry.blame("tasks", task, _expected("score()", "Scores", found))
    return found


def _subclass(
    registry: Registry, kind: str, name: str, parent: type[Any], task: str | None = None
) -> Any:
    found = registry.resolve(kind, name, task=task)
    if not (isinstance(found, type) and issubclass(found, parent)):
        raise registry.blame(
            kind, name, f"must be a subclass of nntasks.{parent.__name__}, got {_named(found)}"
        )
    return found


def _require_config(
    registry: Registry, kind: str, name: str, found: Any, parent: type[Options]
) -> None:
    schema = found.Config
    if not (isinstance(schema, type) and issubclass(schema, parent)):
        kinds = f"a subclass of nntasks.{parent.__name__}, got {_named(schema)}"
        raise registry.blame(kind, name, f"has a Config that must be {kinds}")


def _require_methods(registry: Registry, kind: str, name: str, found: Any) -> None:
    lacking = sorted(getattr(found, "__abstractmethods__", ()))
    if lacking:
        raise registry.blame(
            kind, name, f"lacks {', '.join(lacking)}, which class {found.__name__} must define"
        )


def _builder(registry: Registry, kind: str, name: str, task: str | None) -> Callable[..., Any]:
    found = registry.resolve(kind, name, task=task)
    if not callable(found):
        raise registry.blame(
            kind, name, f"must be a class or a function that builds it, got {_named(found)}"
        )
    _require_methods(registry, kind, name, found)
    return found


def _built(
    registry: Registry,
    kind: str,
    name: str,
    builder: Callable[..., Any],
    parent: type,
    given: Mapping[str, Any],
) -> Any:
    try:
        inspect.signature(builder).bind(*given.values())
    except TypeError:
        taken = inspect.signature(builder)
        raise registry.blame(
            kind, name, f"is built from ({', '.join(given)}), but its builder takes {taken}"
        ) from None
    except ValueError:
        pass  # written in C, without a signature; the call itself will fail
    with _building(registry, kind, name, "cannot be built"):
        made = builder(*given.values())
    if not isinstance(made, parent):
        raise registry.blame(kind, name, _expected("its builder", f"a {parent.__name__}", made))
    return made


@contextlib.contextmanager
def _building(registry: Registry, kind: str, name: str, what: str) -> Iterator[None]:
    """Convert exceptions of a plugin's code to a PluginError that names the plugin."""
    try:
        yield
    except (NNTasksError, OSError, MemoryError):  # an error of ours, or not caused by the plugin
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        problem = f"{what}: {type(error).__name__}: {text}; --debug shows where"
        raise registry.blame(kind, name, problem) from error


def _wrong_splits(splits: Any) -> str:
    if not isinstance(splits, Splits):
        return _expected("load()", "Splits", splits)
    if not isinstance(splits.info, DataInfo):
        return f"needs a DataInfo as info of its Splits, got {_named(splits.info)}"
    return ""


def _wrong_parts(splits: Splits) -> str:
    for part in _PARTS:
        split = getattr(splits, part)
        if split is None and part != "test":
            continue
        if not (hasattr(split, "__len__") and callable(getattr(split, "batch", None))):
            return f"needs a Split as {part} of its Splits, got {_named(split)}"
    return ""


def _expected(what: str, expected: str, got: Any) -> str:
    return f"must give {expected} from {what}, got {_named(got)}"


def _named(value: Any) -> str:
    if value is None:
        return "None"
    return f"class {value.__name__}" if isinstance(value, type) else type(value).__name__
