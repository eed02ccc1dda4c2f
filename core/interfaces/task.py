"""What a task is to core: a problem with its data, its models and its measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from nntasks.config import Options, TaskConfig
from nntasks.interfaces.choices import Choices
from nntasks.interfaces.data import DataInfo, Splits
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import Model
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.results import CrossCheck, GradientCheck, Outcome, SourcePrediction
from nntasks.registry import Registry
from nntasks.run_folder.array_files import load_arrays
from nntasks.seeding import Seeds


class Surroundings(Protocol):
    """What a task is given besides its configuration; `nntasks.context.TaskContext` is it.

    Attributes:
        task: the task's name in the registry.
        registry: all plugins.
        seeds: the random streams of the run.
        choices: what the configuration names, resolved.
        cache_folder: where files that can be made again may be kept.
        warn: takes a line for the user.
    """

    @property
    def task(self) -> str: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def seeds(self) -> Seeds: ...

    @property
    def cache_folder(self) -> Path: ...

    @property
    def warn(self) -> Callable[[str], None]: ...

    @property
    def choices(self) -> Choices: ...

    def configured(self, config: TaskConfig) -> Surroundings: ...

    def load_dataset(self, config: TaskConfig) -> Splits: ...

    def build_model(self, config: TaskConfig, info: DataInfo) -> Model: ...

    def build_metrics(self, config: TaskConfig, info: DataInfo) -> dict[str, Metric]: ...

    def stored_model(
        self, weights: Path, config: TaskConfig, info: DataInfo | None
    ) -> tuple[TaskConfig, DataInfo]: ...


class Task:
    """A problem with its data, its models and its measures.

    Attributes:
        Config: every key of the task, each with a description, unit and range.
        headline: the numbers that matter most, first.
        source_suffixes: the files that `predict` reads, e.g. (".jpg", ".png").
        thumbnails_caption: what the pictures of `thumbnails` show.
        ExplainOptions: what `explain` can be asked, as `key=value`.
    """

    Config: ClassVar[type[TaskConfig]] = TaskConfig
    headline: ClassVar[tuple[str, ...]] = ()
    source_suffixes: ClassVar[tuple[str, ...]] = ()
    thumbnails_caption: ClassVar[str] = ""
    ExplainOptions: ClassVar[type[Options]] = Options

    def __init__(self, config: Any, context: Surroundings) -> None:
        self.config = config
        self.context = context

    def configured(self, config: TaskConfig) -> Task:
        """Return the same task with another configuration."""
        return type(self)(config, self.context.configured(config))

    def load_data(self) -> Splits:
        """Load the data set that the configuration names."""
        return self.context.load_dataset(self.config)

    def build_model(self, info: DataInfo) -> Model:
        """Build the model that the configuration names, for data such as `info`."""
        return self.context.build_model(self.config, info)

    def build_metrics(self, info: DataInfo) -> dict[str, Metric]:
        """Build the metrics that the configuration names."""
        return self.context.build_metrics(self.config, info)

    def load_model(self, weights: Path, info: DataInfo | None) -> Model:
        """Build a model and give it the weights in a file.

        `info` is None where there are no data at hand (`predict`); what the data looked like is
        then read from beside the weights.
        """
        config, known = self.context.stored_model(weights, self.config, info)
        task = self if config is self.config else self.configured(config)
        model = task.build_model(known)
        model.load_state(load_arrays(weights, model.arrays))
        return model

    def load_pretrained(self, weights: Path, info: DataInfo) -> Model:
        """Build a model for data such as `info` whose training starts from weights in a file."""
        return self.load_model(weights, info)

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return one row per sample for `items.csv`, read from the metrics' records."""
        return []

    def cross_checks(self, outcome: Outcome) -> Iterable[CrossCheck]:
        """Return pairs of numbers that must agree; a mismatch fails the run."""
        return ()

    def figures(self, outcome: Outcome) -> Iterable[Figure]:
        """Return the pictures of the report."""
        return ()

    def thumbnails(self, outcome: Outcome) -> Iterable[tuple[Any, Any]]:
        """Return (id, PIL image) of samples for the report's gallery, which sorts them.

        Each stands beside the numbers of the row of `items` whose first value is its id; see
        `nntasks.report.gallery.shown` for which to choose of many.
        """
        return ()

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return tables that are printed and go into the report."""
        return ()

    def files(self, outcome: Outcome) -> Mapping[str, bytes]:
        """Return more files of the run by name, such as a page of the task's own."""
        return {}

    def predict_sources(self, model: Model, paths: Sequence[Path]) -> Iterator[SourcePrediction]:
        """Apply the model to files, one result each, in order; one bad file stops no other."""
        raise NotImplementedError

    def explain(self, model: Model, source: str, options: Any) -> Any:
        """Explain one number; the result has `to_dict()` and reads well as `str`."""
        raise NotImplementedError

    def check_gradients(self) -> Iterator[GradientCheck]:
        """Yield a check for every parameter of the model, for `check-gradients`."""
        raise NotImplementedError

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning, each with its range as `tune --space` takes it.

        `{"lr": "1e-4:1e-1:log", "width": "16:128", "norm": "none,batch"}`.
        """
        return {}
