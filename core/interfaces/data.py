"""What data are to core: batches of samples, splits, and named data sets with their files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from nntasks.config import Options
from nntasks.seeding import Seeds


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
        else, so that a resumed or distributed run sees the same samples (see `nntasks.seeding`).
        """

    def contents(self) -> Any:
        """Return what tells these data from others: names, labels, arrays, paths of files.

        `--resume` refuses a run whose data have other contents. Override it where attributes hold
        more than data, such as settings of the augmentation or what was read so far.
        """
        return vars(self)


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

    @classmethod
    def other_form(cls, root: Path) -> Path | None:
        """Return the folder below `root` that holds the data in another form than declared.

        `root` is a folder of the data store. Asked where the declared files are not there, by
        names alone; without declared files, the data set's folder is it.
        """
        folder = root / cls.folder
        return folder if not cls.files and folder.is_dir() else None

    @classmethod  # noqa: B027  # unless a data set says more, there is nothing to check
    def check_other_form(cls, folder: Path) -> None:
        """Raise MissingError where the data that `other_form` found are not what they should be."""

    @abstractmethod
    def load(self, root: Path | None) -> Splits:
        """Read the data from `root`, the folder that the data store found (None if it has none)."""
