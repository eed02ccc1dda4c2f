"""Tasks: a problem with its data, models and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from nntasks.config import Options, TaskConfig
from nntasks.errors import UsageError
from nntasks.interfaces.choices import Choices
from nntasks.interfaces.data import DataInfo, Splits
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import Model
from nntasks.interfaces.pictures import ImageBrowser
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.results import CrossCheck, GradientCheck, Outcome, SourcePrediction
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.registry import Registry
from nntasks.run_folder.array_files import load_arrays
from nntasks.seeding import Seeds


class Context(Protocol):
    """The context of a task, implemented by `nntasks.context.TaskContext`.

    Attributes:
        task: the task's name in the registry.
        registry: all plugins.
        seeds: the random streams of the run.
        choices: the entries that the configuration names.
        cache_folder: the folder for files that can be regenerated.
        warn: receives warnings for the user.
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

    def configured(self, config: TaskConfig) -> Context: ...

    def load_dataset(self, config: TaskConfig) -> Splits: ...

    def build_model(self, config: TaskConfig, info: DataInfo) -> Model: ...

    def build_metrics(self, config: TaskConfig, info: DataInfo) -> dict[str, Metric]: ...

    def stored_model(
        self, weights: Path, config: TaskConfig, info: DataInfo | None
    ) -> tuple[TaskConfig, DataInfo]: ...


class Task:
    """A problem with its data, models and metrics.

    Attributes:
        Config: the keys of the task, each with a description, unit and range.
        headline: the most important metrics, first.
        source_suffixes: the suffixes of files that `predict` reads, such as (".jpg", ".png").
        thumbnails_caption: describes the pictures of `thumbnails`.
        ExplainOptions: the `key=value` options of `explain`.
    """

    Config: ClassVar[type[TaskConfig]] = TaskConfig
    headline: ClassVar[tuple[str, ...]] = ()
    source_suffixes: ClassVar[tuple[str, ...]] = ()
    thumbnails_caption: ClassVar[str] = ""
    ExplainOptions: ClassVar[type[Options]] = Options

    def __init__(self, config: Any, context: Context) -> None:
        self.config = config
        self.context = context

    def configured(self, config: TaskConfig) -> Task:
        """Return the same task with another configuration."""
        return type(self)(config, self.context.configured(config))

    def load_data(self) -> Splits:
        """Load the data set that the configuration names."""
        return self.context.load_dataset(self.config)

    def splits_of(self, inputs: Any, targets: Any, classes: Sequence[str]) -> Splits:
        """Return samples in memory in the form of the task's data sets, for the estimators.

        Each of the three parts holds all samples. `load_data` sees the result as if a data set had
        loaded it.

        Args:
            inputs: an array (N, ...) of numbers.
            targets: an array (N, ...): labels int64 of classifiers, masks of segmenters.
            classes: class names by label; empty where the targets are no labels.

        Raises:
            UsageError: the task takes no arrays, or others.
        """
        raise UsageError(f"task {self.context.task!r} takes no data in memory")

    def build_model(self, info: DataInfo) -> Model:
        """Build the model that the configuration names, for data like `info`."""
        return self.context.build_model(self.config, info)

    def build_metrics(self, info: DataInfo) -> dict[str, Metric]:
        """Build the metrics that the configuration names."""
        return self.context.build_metrics(self.config, info)

    def load_model(self, weights: Path, info: DataInfo | None) -> Model:
        """Build a model and load its weights from a file.

        `info` is None if there are no data, as in `predict`; the description of the data is then
        read from the file beside the weights.
        """
        config, known = self.context.stored_model(weights, self.config, info)
        task = self if config is self.config else self.configured(config)
        model = task.build_model(known)
        model.load_state(load_arrays(weights, model.arrays))
        return model

    def load_pretrained(self, weights: Path, info: DataInfo) -> Model:
        """Build a model for data like `info` and initialise it from weights in a file."""
        return self.load_model(weights, info)

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return one row per sample for `items.csv`, from the metrics' records."""
        return []

    def cross_checks(self, outcome: Outcome) -> Iterable[CrossCheck]:
        """Return pairs of numbers that must agree; a mismatch fails the run."""
        return ()

    def figures(self, outcome: Outcome) -> Iterable[Figure]:
        """Return the pictures of the report."""
        return ()

    def thumbnails(self, outcome: Outcome) -> Iterable[tuple[Any, Any]]:
        """Return (id, PIL image) of samples for the report's gallery.

        The gallery shows each with the row of `items` whose first value is its id. Use
        `nntasks.report.gallery.shown` to choose among many samples.
        """
        return ()

    def browser(self, outcome: Outcome) -> ImageBrowser | None:
        """Return pictures with outlines for the report's image browser."""
        return None

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return tables for the terminal and the report."""
        return ()

    def yardsticks(self, outcome: Outcome) -> Yardsticks:
        """Return what the numbers can be judged by: chance, classes, mistakes, a threshold.

        The report's verdict rests on it. Published values come from the data set.
        """
        return Yardsticks()

    def files(self, outcome: Outcome) -> Mapping[str, bytes]:
        """Return further files of the run by name, such as an HTML page of the task."""
        return {}

    def predict_sources(self, model: Model, paths: Sequence[Path]) -> Iterator[SourcePrediction]:
        """Apply the model to files, one result each, in order; a bad file stops no other."""
        raise NotImplementedError

    def explain(self, model: Model, source: str, options: Any) -> Any:
        """Explain one number. The result has `to_dict()` and a readable `str`."""
        raise NotImplementedError

    def check_gradients(self) -> Iterator[GradientCheck]:
        """Yield a check for every parameter of the model, for `check-gradients`."""
        raise NotImplementedError

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning, each with its range in the format of `tune --space`.

        `{"lr": "1e-4:1e-1:log", "width": "16:128", "norm": "none,batch"}`.
        """
        return {}
