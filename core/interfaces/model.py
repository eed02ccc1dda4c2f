"""Models: estimators whose state is arrays by name, and the handle they get in `fit`."""

from __future__ import annotations

import contextlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NoReturn, Protocol

from nntasks.interfaces.data import Batch, Split
from nntasks.machine.distributed import Workers
from nntasks.machine.progress import Advance
from nntasks.run_folder import RunFolder
from nntasks.run_folder.array_files import Framework
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.seeding import Seeds


class LossSum:
    """The losses of the batches of a validation; their mean does not depend on any order."""

    def __init__(self) -> None:
        self.batches: list[tuple[float, int]] = []

    def add(self, loss: float, samples: int) -> None:
        """Add the mean loss of a batch of so many samples."""
        self.batches.append((loss, samples))

    def mean(self, workers: Workers) -> float | None:
        """Return the mean over the samples of all processes; None without samples."""
        batches = [batch for part in workers.gather(self.batches) for batch in part]
        samples = sum(count for _, count in batches)
        return math.fsum(loss * count for loss, count in batches) / samples if samples else None


class Model(ABC):
    """An estimator with `fit` and `predict`, whose state is arrays by name.

    Attributes:
        name: its name in reports if it differs from the configured `model`.
        arrays: the framework of the arrays that `load_state` receives: "numpy" or "torch".
        validation_loss: during a validation, where `predict` can add the loss of the batch, which
            has its targets; the row of the validation then has their mean as `loss`. None at
            other times.
    """

    name: str = ""
    validation_loss: LossSum | None = None
    arrays: ClassVar[Framework] = "numpy"

    @abstractmethod
    def fit(self, train: Split, *, validation: Split | None, run: RunHandle) -> None:
        """Train. `run` records progress, scalars and checkpoints, and knows where to resume."""

    @abstractmethod
    def predict(self, batch: Batch) -> Sequence[Any]:
        """Return one prediction per sample of `batch`, in order."""

    def evaluating(self) -> AbstractContextManager[None]:
        """Return a context manager for evaluation, such as for the number of threads."""
        return contextlib.nullcontext()

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """Return all learned values as arrays by name."""

    @abstractmethod
    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned."""

    def parameter_count(self) -> int:
        """Return the number of trained parameters.

        By default the size of `state`. Override this if the state also holds statistics or
        constants.
        """
        return sum(math.prod(array.shape) for array in self.state().values())


class RunHandle(Protocol):
    """The handle that a model gets in `fit`, implemented by `nntasks.runner.handle.Run`.

    Attributes:
        folder: the run's folder; only the main process writes there.
        seeds: the random streams.
        workers: the processes that share the run.
        checkpoints: where to save, and where to resume from.
    """

    folder: RunFolder
    seeds: Seeds
    workers: Workers
    checkpoints: Checkpoints

    @property
    def rows(self) -> int: ...

    def rewind(self, rows: int, epochs: int) -> None: ...

    def scalars(self, *, split: str, step: int, epoch: float, **values: float) -> None: ...

    def flush(self) -> None: ...

    def say(self, line: str) -> None: ...

    def bar(self, what: str, total: int) -> AbstractContextManager[Advance]: ...

    def validate(self, model: Model, split: Split, *, step: int, epoch: int) -> Any: ...

    def hashed(self, epoch: int, step: int, hashes: Mapping[str, str]) -> None: ...

    def diverged(
        self,
        accident: Mapping[str, Any],
        cause: str,
        steps: Sequence[Mapping[str, Any]],
        advice: str,
    ) -> NoReturn: ...

    def save_if_due(self, seconds: float, save: Callable[[], None]) -> None: ...

    def stopping_politely(self) -> AbstractContextManager[None]: ...
