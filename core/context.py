"""The context of a task: the registry, the data store, the seeds and the choices."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.config import TaskConfig, build
from nntasks.datasets import DataStore
from nntasks.errors import UsageError
from nntasks.interfaces import Choices, DataInfo, Dataset, Metric, Model, Splits
from nntasks.registry import Registry
from nntasks.run_folder import reading
from nntasks.seeding import Seeds


@dataclass(frozen=True)
class TaskContext:
    """The context of one task object.

    Attributes:
        task: the task's name in the registry.
        registry: all plugins.
        store: the data store.
        seeds: the random streams of the run.
        choices: the entries that the configuration names.
        warn: receives warnings for the user.
    """

    task: str
    registry: Registry
    store: DataStore
    seeds: Seeds
    choices: Choices
    warn: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr))

    @property
    def cache_folder(self) -> Path:
        """The folder for files that can be regenerated: the last root of the data store."""
        return self.store.roots[-1]

    def configured(self, config: TaskConfig) -> TaskContext:
        """Return the context of the same task with another configuration."""
        return replace(self, choices=choose(self.registry, self.task, config))

    def holding(self, splits: Splits) -> TaskContext:
        """Return the context of the same task with data in memory in place of its data set."""

        class InMemory(Dataset):
            def load(self, root: Path | None) -> Splits:
                return splits

        return replace(self, choices=replace(self.choices, dataset=InMemory))

    def load_dataset(self, config: TaskConfig) -> Splits:
        """Find the data set in the store and load it."""
        kind, options = self.choices.dataset, self.choices.dataset_options
        root = self.store.require(config.data, kind) if kind.folder else None
        return contracts.load_dataset(
            self.registry, config.data, lambda: kind(options, self.seeds).load(root)
        )

    def build_model(self, config: TaskConfig, info: DataInfo) -> Model:
        """Build the model that the configuration names; one with a `Config` gets its options."""
        options = self.choices.model_options
        given = (config, info, self.seeds, *([] if options is None else [options]))
        return contracts.build_model(self.registry, config.model, self.choices.model, *given)

    def build_metrics(self, config: TaskConfig, info: DataInfo) -> dict[str, Metric]:
        """Build the metrics that the configuration names."""
        return {
            name: contracts.build_metric(self.registry, name, builder, config, info)
            for name, builder in self.choices.metrics.items()
        }

    def stored_model(
        self, weights: Path, config: TaskConfig, info: DataInfo | None
    ) -> tuple[TaskConfig, DataInfo]:
        """Return the configuration and data description that stored weights were trained with.

        Args:
            weights: `checkpoints/final/model.safetensors` of a run, or an array file of its state.
            config: the configuration; the weights' own `model` overrides its default.
            info: the present data; None if there are none.

        Raises:
            UsageError: the weights belong to another model or other data, or have no description.
        """
        description = read_description(weights)
        if description is None:
            if info is None:
                raise UsageError(
                    f"{weights} lacks its description {weights.with_suffix('.json').name}; "
                    "expected the weights of a run, checkpoints/final/model.safetensors"
                )
            return config, info
        known, name = info_from_json(description["info"]), description["model"]
        if info is not None and known.classes != info.classes:
            raise UsageError(
                f"{weights} was trained on other data: {_some(known)} against {_some(info)}; "
                "choose the data set it was trained on"
            )
        if config.model not in (name, type(config).model_fields["model"].default):
            raise UsageError(
                f"{weights} belongs to model={name}, not model={config.model}; remove model="
            )
        update = {"model": name, "model_options": description["model_options"]}
        return config.model_copy(update=update), known


def choose(registry: Registry, task: str, config: TaskConfig) -> Choices:
    """Resolve the entries that a configuration names, and build their options.

    Raises:
        UsageError: an unknown data set, model or metric, or an invalid option.
        PluginError: an entry breaks its contract.
    """
    dataset = contracts.dataset_class(registry, config.data, task)
    model = contracts.model_builder(registry, config.model, task)
    schema = getattr(model, "Config", None)
    if schema is None and config.model_options:
        keys = ", ".join(f"model.{key}" for key in config.model_options)
        raise UsageError(f"unknown key {keys}: model {config.model!r} takes no options")
    return Choices(
        dataset,
        build(dataset.Config, config.data_options, prefix="data."),
        model,
        schema and build(schema, config.model_options, prefix="model."),
        {name: contracts.metric_builder(registry, name, task) for name in config.metrics},
    )


def read_description(weights: Path) -> dict[str, Any] | None:
    """Return the description that a run wrote beside its weights; None for other weights.

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
    """Return the DataInfo that `info_to_json` encoded."""
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
