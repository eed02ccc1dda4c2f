"""What a configuration names, as objects instead of names."""

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
        model: what builds the model from (config, info, seeds), and from its options if any.
        model_options: its options; None if it takes none.
        metrics: what builds each metric from (config, info), by name.
    """

    dataset: type[Dataset]
    dataset_options: Options
    model: Callable[..., Model]
    model_options: Options | None
    metrics: Mapping[str, Callable[..., Metric]]
