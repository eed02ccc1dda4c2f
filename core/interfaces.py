"""What a task, a model, a metric and a data set are; the contracts between core and plugins.

Nothing here imports torch or NumPy, so a plugin in pure Python stays one.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.config import Options, TaskConfig

if TYPE_CHECKING:
    from core.context import TaskContext
    from core.report.content import Figure, Table
    from core.run_handle import Run
    from core.seeding import Seeds


@dataclass(frozen=True)
class DataInfo:
    """What the data look like: all that a model needs to know of them to be built.

    Attributes:
        classes: class names by label index; empty where there are no classes.
        input_shape: shape of one input, without the batch dimension; empty where it varies.
        details: anything else, by name; must be plain JSON values, as it is stored with weights.
    """

    classes: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Some samples, put together for a model.

    Attributes:
        inputs: what the model reads.
        targets: what is compared with the predictions.
        ids: one name per sample, unique within the split.
    """

    inputs: Any
    targets: Any
    ids: Sequence[int | str]


class Split(ABC):
    """One part of a data set: sized, and read in batches."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        """Return the samples at `indices`, in that order.

        With `epoch=None` samples come as they are. With an epoch number a training split
        augments them; its randomness must be a function of (seed, epoch, index) and of nothing
        else, so that a resumed or distributed run sees the same samples (see `core.seeding`).
        """


@dataclass(frozen=True)
class Splits:
    """The parts of a data set. `validation` may be the test split where a set has only two."""

    train: Any
    validation: Any
    test: Any
    info: DataInfo


@dataclass(frozen=True)
class DataFile:
    """A file of a data set.

    Attributes:
        path: relative to the data set's folder, with forward slashes.
        size: in bytes.
        sha256: hexadecimal digest.
        url: where to fetch it; empty where it cannot be fetched and must be brought.
        archive: True for a .zip or .tar.* that is unpacked into the data set's folder.
    """

    path: str
    size: int
    sha256: str
    url: str = ""
    archive: bool = False


class Dataset(ABC):
    """A named data set.

    Attributes:
        Config: the options of this data set, given as `data.KEY=VALUE`.
        folder: the folder inside the data store; empty for a set that is made, or read from
            where an option says.
        files: what must lie in that folder.
        source: where the data come from, as one would cite them.
        licence: under which terms.
    """

    Config: ClassVar[type[Options]] = Options
    folder: ClassVar[str] = ""
    files: ClassVar[tuple[DataFile, ...]] = ()
    source: ClassVar[str] = ""
    licence: ClassVar[str] = ""

    def __init__(self, options: Any, seeds: Seeds) -> None:
        self.options = options
        self.seeds = seeds

    @abstractmethod
    def load(self, root: Path | None) -> Splits:
        """Read the data from `root`, the folder that the data store found (None if it has none)."""


class Model(ABC):
    """An estimator: it is fitted, it predicts, and its state is arrays by name.

    Attributes:
        name: what it is called in the report, where that is not the configured `model`.
    """

    name: str = ""

    @abstractmethod
    def fit(self, train: Split, *, validation: Split | None, run: Run) -> None:
        """Train. `run` takes progress, scalars and checkpoints, and says where to resume."""

    @abstractmethod
    def predict(self, batch: Batch) -> Sequence[Any]:
        """Return one prediction per sample of `batch`, in order."""

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """Return everything that was learned, as arrays by name."""

    @abstractmethod
    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` returned."""


class Metric(ABC):
    """A measure of predictions against targets.

    The state must be counts, or records that `compute` sorts, so that any order of updates, any
    batch size and any number of processes give the same number to the last bit.
    """

    @abstractmethod
    def reset(self) -> None: ...

    @abstractmethod
    def update(self, predictions: Sequence[Any], targets: Any, ids: Sequence[int | str]) -> None:
        """Take in one batch: what the model said, what is true, and the samples' names."""

    @abstractmethod
    def merge(self, other: Any) -> None:
        """Take in all that another instance of the same metric has seen."""

    @abstractmethod
    def compute(self) -> dict[str, float]:
        """Return the numbers, by flat lower-case name."""

    @abstractmethod
    def definitions(self) -> dict[str, str]:
        """Return one sentence per number of `compute`: the exact convention."""

    def fresh(self) -> Any:
        """Return an empty metric of the same kind."""
        twin = copy.deepcopy(self)
        twin.reset()
        return twin


@dataclass(frozen=True)
class CrossCheck:
    """Two numbers that must agree because they count the same thing in two ways."""

    what: str
    left: float
    right: float
    tolerance: float = 0.0


@dataclass(frozen=True)
class GradientCheck:
    """A gradient by hand or by autograd, held against central differences.

    Attributes:
        name: of the parameter or input.
        error: the largest difference, relative to the largest gradient.
        tolerance: what it may be.
    """

    name: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the gradient is right; an error that is no number is not."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Outcome:
    """What an evaluation gave, for figures and tables.

    Attributes:
        metrics: the metrics by name, still holding their state.
        values: all numbers, flat.
        split: the split that was evaluated.
        history: the rows of `metrics.jsonl`.
        model: the model.
    """

    metrics: Mapping[str, Metric]
    values: Mapping[str, float]
    split: Split
    history: Sequence[Mapping[str, Any]]
    model: Model


@dataclass(frozen=True)
class SourcePrediction:
    """What a model said of one file.

    Attributes:
        records: rows for JSON and CSV.
        picture: a PIL image to look at; may be None.
        files: more files to write, by what their names add to the source's: {"-mask.png": bytes}.
        problem: why the file could not be read, in one line; empty where it could.
    """

    records: Sequence[Mapping[str, Any]]
    picture: Any = None
    problem: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)


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

    def __init__(self, config: Any, context: TaskContext) -> None:
        self.config = config
        self.context = context

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
        return self.context.load_model(self, weights, info)

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
        `core.report.gallery.shown` for which to choose of many.
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
