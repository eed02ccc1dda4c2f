"""What a task is given besides its configuration: the registry, the data store, the seeds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks import contracts
from nntasks.config import Options, TaskConfig, build
from nntasks.datasets import DataStore
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Dataset, Metric, Model, Splits
from nntasks.registry import Registry
from nntasks.run_folder import reading
from nntasks.seeding import Seeds

if TYPE_CHECKING:
    from nntasks.interfaces import Task


@dataclass(frozen=True)
class TaskContext:
    """The surroundings of one task object.

    Attributes:
        task: the task's name in the registry.
        registry: all plugins.
        store: where data sets lie.
        seeds: the random streams of the run.
    """

    task: str
    registry: Registry
    store: DataStore
    seeds: Seeds
    warn: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr))

    @property
    def cache_folder(self) -> Path:
        """Where files that can be made again may be kept: the last root of the data store."""
        return self.store.roots[-1]

    def check_choices(self, config: TaskConfig) -> None:
        """Fail early on an unknown data set, model or metric, and on options they do not take."""
        self.dataset_class(config)
        self._dataset_options(config)
        self._model_options(config)
        for name in config.metrics:
            contracts.metric_builder(self.registry, name, self.task)

    def dataset_class(self, config: TaskConfig) -> type[Dataset]:
        """Return the class of the data set that the configuration names."""
        return contracts.dataset_class(self.registry, config.data, self.task)

    def _dataset_options(self, config: TaskConfig) -> Options:
        return build(self.dataset_class(config).Config, config.data_options, prefix="data.")

    def load_dataset(self, config: TaskConfig) -> Splits:
        """Find the data set in the store and load it."""
        kind, options = self.dataset_class(config), self._dataset_options(config)
        root = self.store.require(config.data, kind) if kind.folder else None
        return contracts.load_dataset(
            self.registry, config.data, lambda: kind(options, self.seeds).load(root)
        )

    def _model_options(self, config: TaskConfig) -> tuple[Callable[..., Model], Options | None]:
        builder = contracts.model_builder(self.registry, config.model, self.task)
        schema = getattr(builder, "Config", None)
        if schema is None and config.model_options:
            keys = ", ".join(f"model.{key}" for key in config.model_options)
            raise UsageError(f"unknown key {keys}: model {config.model!r} takes no options")
        return builder, schema and build(schema, config.model_options, prefix="model.")

    def build_model(self, config: TaskConfig, info: DataInfo) -> Model:
        """Build the model that the configuration names; one with a `Config` gets its options."""
        builder, options = self._model_options(config)
        given = (config, info, self.seeds, *([] if options is None else [options]))
        return contracts.build_model(self.registry, config.model, builder, *given)

    def build_metrics(self, config: TaskConfig, info: DataInfo) -> dict[str, Metric]:
        """Build the metrics that the configuration names."""
        return {
            name: contracts.build_metric(self.registry, name, config, info, self.task)
            for name in config.metrics
        }

    def load_model(self, task: Task, weights: Path, info: DataInfo | None) -> Model:
        """Build a model from weights that a run of ours wrote (`checkpoints/final/`)."""
        from nntasks.run_folder.array_files import load_arrays

        description = read_description(weights)
        if info is None and description is None:
            raise UsageError(
                f"{weights} lacks its description {weights.with_suffix('.json').name}; "
                "expected the weights of a run, checkpoints/final/model.safetensors"
            )
        known = info_from_json(description["info"]) if description else info
        assert known is not None
        if info is not None and known.classes != info.classes:
            raise UsageError(
                f"{weights} was trained on other data: {_some(known)} against {_some(info)}; "
                "choose the data set it was trained on"
            )
        if description:
            task = _with_model(task, description, weights)
        model = task.build_model(known)
        model.load_state(load_arrays(weights, model.arrays))
        return model


def _with_model(task: Task, description: dict[str, Any], weights: Path) -> Task:
    """Return the task with the model that the weights are of."""
    config, name = task.config, description["model"]
    if config.model not in (name, type(config).model_fields["model"].default):
        raise UsageError(
            f"{weights} is of model={name}, not of model={config.model}; leave model= out"
        )
    update = {"model": name, "model_options": description["model_options"]}
    return type(task)(config.model_copy(update=update), task.context)


def read_description(weights: Path) -> dict[str, Any] | None:
    """Return what a run of ours wrote beside its weights; None for weights from elsewhere.

    Raises:
        UsageError: it is damaged.
    """
    path = weights.with_name("model.json")
    if weights.name != "model.safetensors" or not path.is_file():
        return None
    description = reading.read_json(path) or {}
    known = {"model": str, "model_options": dict, "info": dict}
    for key, kind in known.items():
        if not isinstance(description.get(key), kind):
            raise reading.damaged(path, f"its {key!r} is {description.get(key)!r}")
    try:
        info_from_json(description["info"])
    except (KeyError, TypeError) as error:
        raise reading.damaged(path, f"its 'info' is {description['info']!r}") from error
    return description


def info_to_json(info: DataInfo) -> dict[str, Any]:
    """Return `info` as JSON values."""
    return {
        "classes": list(info.classes),
        "input_shape": list(info.input_shape),
        "details": dict(info.details),
    }


def info_from_json(value: dict[str, Any]) -> DataInfo:
    """Read back what `info_to_json` made."""
    classes, shape, details = value["classes"], value["input_shape"], value["details"]
    if not (isinstance(classes, list) and isinstance(shape, list) and isinstance(details, dict)):
        raise TypeError("expected two lists and a mapping")
    if not all(isinstance(name, str) for name in classes):
        raise TypeError("expected names of classes")
    if not all(isinstance(side, int) for side in shape):
        raise TypeError("expected sides that are whole numbers")
    return DataInfo(tuple(classes), tuple(shape), details)


def _some(info: DataInfo) -> str:
    names = ", ".join(info.classes[:3])
    return f"{len(info.classes)} classes ({names}{', ...' if len(info.classes) > 3 else ''})"
