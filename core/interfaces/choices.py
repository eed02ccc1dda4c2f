"""The entries that a configuration names, as objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nntasks.config import Options
from nntasks.interfaces.data import Dataset
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import Model


@dataclass(frozen=True)
class Choices:
    """The data set, the model and the metrics of a configuration, resolved and checked once.

    Attributes:
        dataset: the class of the data set.
        dataset_options: its options.
        model: the builder of the model: (config, info, seeds) and, if it has any, its options.
        model_options: its options; None if it has none.
        metrics: the builder of each metric, (config, info), by name.
    """

    dataset: type[Dataset]
    dataset_options: Options
    model: Callable[..., Model]
    model_options: Options | None
    metrics: Mapping[str, Callable[..., Metric]]
