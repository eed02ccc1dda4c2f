"""Data: batches of samples, splits, and named data sets with their files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from nntasks.config import Options
from nntasks.interfaces.yardsticks import Reference
from nntasks.seeding import Seeds


@dataclass(frozen=True)
class DataInfo:
    """Description of the data: everything that a model builder needs to know.

    Attributes:
        classes: class names by label; empty if there are no classes.
        input_shape: shape of one input, without the batch dimension; empty if it varies.
        details: further facts by name, as plain JSON values, which are stored with weights.
    """

    classes: tuple[str, ...] = ()
    input_shape: tuple[int, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """A batch of samples.

    Attributes:
        inputs: the model's input.
        targets: the ground truth.
        ids: one identifier per sample, unique within the split.
    """

    inputs: Any
    targets: Any
    ids: Sequence[int | str]


class Split(ABC):
    """One part of a data set, read in batches."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        """Return the samples at `indices`, in that order.

        With `epoch=None` samples are not augmented. With an epoch number a training split augments
        them. The augmentation must be a function of (seed, epoch, index) alone, so that a resumed
        or distributed run sees the same samples (see `nntasks.seeding`).
        """

    def contents(self) -> Any:
        """Return everything that identifies the data: names, labels, arrays, file paths.

        `--resume` refuses a run whose data changed. Override this if attributes hold more than
        data, such as augmentation settings or caches.
        """
        return vars(self)


@dataclass(frozen=True)
class Splits:
    """The parts of a data set. `validation` may be the test split if there is no third part."""

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
        url: its address; empty if the user must provide the file.
        archive: whether it is a .zip or .tar.* to unpack into the data set's folder.
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
        folder: its folder in the data store; empty for data that are generated or read from a path
            in the options.
        files: the files that the folder must contain.
        source: the citation of the data.
        licence: the licence of the data.
        published: values that others published for the test part of these data, for the report's
            verdict; docs/verdict.md lists them with their sources.
    """

    Config: ClassVar[type[Options]] = Options
    folder: ClassVar[str] = ""
    files: ClassVar[tuple[DataFile, ...]] = ()
    source: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    published: ClassVar[tuple[Reference, ...]] = ()

    def __init__(self, options: Any, seeds: Seeds) -> None:
        self.options = options
        self.seeds = seeds

    @classmethod
    def published_for(cls, options: Any) -> Sequence[Reference]:
        """Return the published values that hold with these options: by default all of them."""
        return cls.published

    @classmethod
    def other_form(cls, root: Path) -> Path | None:
        """Return the folder below `root` that holds the data in a form other than declared.

        `root` is a folder of the data store. Called if declared files are missing; it should look
        at names only. By default this is the data set's folder if no files are declared.
        """
        folder = root / cls.folder
        return folder if not cls.files and folder.is_dir() else None

    @classmethod  # noqa: B027  # by default there is nothing to check
    def check_other_form(cls, folder: Path) -> None:
        """Raise MissingError if the data that `other_form` found are invalid."""

    @abstractmethod
    def load(self, root: Path | None) -> Splits:
        """Load the data from `root`, the folder that the data store found, if any."""
