"""Training of a torch module in the epoch loop, over one process or several."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nntasks.interfaces import LossSum, RunHandle, Split
from nntasks.run_folder.checkpoints import Checkpoint
from nntasks.seeding import torch_generators_kept
from nntasks.training.averaging import Average
from nntasks.training.batches import Batches, Piece
from nntasks.training.black_box import PARAMETER_STEPS, Cause
from nntasks.training.epochs import Progress, Sums, Trainer
from nntasks.training.schedules import factor
from nntasks.training.thread_count import one_thread
from nntasks.training.torch_model import TorchModel
from nntasks.training.torch_step import TorchStep


class TorchTrainer(Trainer):
    """Trains a `TorchModel`.

    Args:
        model: the model to train, updated in place.
        train: the training split.
        run: the handle of the run.
    """

    model: TorchModel
    advice = "try a lower lr or clip"

    def __init__(self, model: TorchModel, train: Split, run: RunHandle) -> None:
        super().__init__(model, run)
        self.config = model.config
        self._train = train
        self._batches = Batches.configured(self.config, train, model.seeds, run.workers)

    @property
    def steps(self) -> int:
        return len(self._batches)

    def start(self, checkpoint: Checkpoint | None) -> None:
        config, model = self.config, self.model
        if checkpoint is None:
            with one_thread(config):
                model.prepare_training(self._train, self.run)
        else:
            # Prepared state, such as fitted anchors, is part of the checkpoint.
            model.module.load_state_dict(checkpoint.arrays("model", "torch"))
        ramp = max(self.steps * config.epochs // 10, 1)
        self.average = Average(model.module, config.ema, ramp) if config.ema else None
        self._step = TorchStep(model, self.run.workers, self._batches.batch_size)
        self._block.enter_context(self._step.replicas.running())
        if checkpoint is not None:
            self._step.load(checkpoint.arrays("optimizer", "torch"), checkpoint.state["scaler"])
            if self.average:
                self.average.module.load_state_dict(checkpoint.arrays("average", "torch"))

    def batches(self, epoch: int, first: int) -> Iterable[list[Piece]]:
        self.model.train_mode()
        return self._batches.epoch(epoch, first)

    def step(self, batch: list[Piece], progress: Progress) -> Sums:
        self.lr = self.config.lr * factor(self.config, progress.step, self.steps) * progress.plateau
        # Each process has its own stream.
        coordinates = (progress.epoch, progress.batch, self.run.workers.rank)
        measured = self._step(batch, self.lr, coordinates)
        if self.average:
            self.average.update(self.model.module, progress.step + 1)
        return measured

    def samples(self, epoch: int) -> Any:
        return self._batches.indices(epoch)

    def ids(self, batch: list[Piece]) -> list[Any]:
        return [name for piece in batch for name in piece().ids]

    def norms(self, progress: Progress) -> dict[str, float]:
        found = {"gradient_norm": self._step.gradient_norm}
        if self.config.precision == "float16" and not math.isfinite(found["gradient_norm"]):
            found = {}  # such a step is skipped, and the scale of the loss lowered
        if progress.step % PARAMETER_STEPS == 0:
            parameters = [parameter.detach() for parameter in self.model.module.parameters()]
            norms = torch.stack(torch._foreach_norm(parameters))
            found["parameter_norm"] = float(torch.linalg.vector_norm(norms))
        return found

    def first_cause(self, batch: list[Piece], progress: Progress) -> Cause | None:
        from nntasks.training.first_nonfinite import first_nonfinite

        coordinates = (progress.epoch, progress.batch, self.run.workers.rank)
        again = partial(self._step.again, batch, coordinates)
        return first_nonfinite(self.model.module, again)

    def groups(self) -> Mapping[str, Mapping[str, Tensor]]:
        groups = {"model": self.model.module.state_dict(), "optimizer": self._step.arrays()}
        if self.average:
            groups["average"] = self.average.module.state_dict()
        return groups

    def state(self) -> Mapping[str, Any]:
        return {"scaler": self._step.state()}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Use deterministic kernels and restore torch's generators afterwards."""
        # Replicas have a thread each, and set the number of threads themselves.
        alone = self.config.replicas == 1 or self.run.workers.size > 1
        with (
            torch_generators_kept(self.model.device),
            _deterministic(),
            one_thread(self.config) if alone else contextlib.nullcontext(),
            contextlib.ExitStack() as self._block,
        ):
            yield

    @contextlib.contextmanager
    def predicting(self) -> Iterator[None]:
        """Use the averaged weights and evaluation mode, and measure the loss of predictions."""
        own = self.model.module
        if self.average:
            self._share_buffers(self.average.module)
            self.model.module = self.average.module
        self.model.module.eval()
        self.model.validation_loss = LossSum()
        try:
            yield
        finally:
            self.model.validation_loss = None
            self.model.module = own
            self.model.train_mode()

    def _share_buffers(self, module: nn.Module) -> None:
        """Copy the main process's running statistics to all, so that all predict alike."""
        if self.run.workers.size > 1:
            for buffer in module.buffers():
                torch.distributed.broadcast(buffer, src=0)

    def finish(self) -> None:
        module = self.model.module
        if self.average:
            self._share_buffers(self.average.module)
            module.load_state_dict(self.average.module.state_dict())
        else:
            self._share_buffers(module)
        module.eval()


@contextlib.contextmanager
def _deterministic() -> Iterator[None]:
    """Use torch's deterministic kernels while the block runs."""
    before = torch.get_deterministic_debug_mode()
    filling = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_deterministic_debug_mode(
        "warn"
    )  # the public function imports torch's compiler, which takes seconds
    # Filling new memory costs time and gains nothing: no op here reads memory it did not write.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
        torch.utils.deterministic.fill_uninitialized_memory = filling  # type: ignore[attr-defined]
