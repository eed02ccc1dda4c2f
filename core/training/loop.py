"""THE training loop for torch modules: resumable to the bit, over one process or several.

Whatever happens in a step is a function of (seed, epoch, step) and of the weights before it, so
a checkpoint needs only arrays and a handful of numbers.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from nntasks.interfaces import Batch, RunHandle, Split
from nntasks.training.averaging import Average
from nntasks.training.batches import Batches
from nntasks.training.config import TrainingConfig
from nntasks.training.optimizers import build_optimizer, load_optimizer, optimizer_arrays
from nntasks.training.schedules import factor
from nntasks.training.torch_model import TorchModel

ROWS_PER_EPOCH = 10  # training rows in metrics.jsonl


@dataclass
class Progress:
    """How far the training has come; kept in checkpoints as JSON."""

    epoch: int = 0
    batch: int = 0  # batches of this epoch that are done
    step: int = 0  # optimiser steps since the beginning
    rows: int = 0
    best: float = -math.inf
    epochs_since_best: int = 0
    plateau: float = 1.0
    sums: dict[str, float] = field(default_factory=dict)
    summed: int = 0
    stopped: bool = False


class TrainingLoop:
    """One training of one model."""

    def __init__(
        self, model: TorchModel, train: Split, validation: Split | None, run: RunHandle
    ) -> None:
        self.model = model
        self.config: TrainingConfig = model.config
        self.validation = validation
        self.run = run
        self.progress = Progress()
        self._train = train

    def run_to_end(self) -> None:
        """Train until the last epoch, from the newest checkpoint if there is one."""
        with self.run.stopping_politely(), _deterministic():
            self._set_up()
            if self.config.pretrained is not None and self.progress.step == 0 and self._validates:
                self.run.say(f"before training{self._validate()}")
            while self.progress.epoch < self.config.epochs and not self.progress.stopped:
                self._train_epoch()
            self._finish()

    def _set_up(self) -> None:
        config, model = self.config, self.model
        self.batches = Batches(
            self._train,
            model.seeds,
            self.run.workers,
            batch_size=config.batch_size,
            accumulate=config.accumulate,
            loaders=config.workers,
        )
        checkpoint = self.run.checkpoints.latest()
        if checkpoint is None:
            self.run.rewind(0)  # rows of a run that was killed before its first checkpoint
            model.prepare_training(self._train, self.run)
        else:
            # What is prepared before the first step is state, too; it comes with the checkpoint.
            model.module.load_state_dict(checkpoint.arrays("model"))
        self.optimizer = build_optimizer(config, model.parameter_groups())
        self.scaler = torch.amp.GradScaler(model.device.type, enabled=config.precision == "float16")
        ramp = max(len(self.batches) * config.epochs // 10, 1)
        self.average = Average(model.module, config.ema, ramp) if config.ema else None
        if checkpoint is not None:
            self._restore(checkpoint)
        self.module = self._distribute(model.module)

    def _distribute(self, module: nn.Module) -> nn.Module:
        if self.run.workers.size == 1:
            return module
        devices = [self.model.device.index] if self.model.device.type == "cuda" else None
        return DistributedDataParallel(module, device_ids=devices)

    def _restore(self, checkpoint: Any) -> None:
        state = checkpoint.state
        self.progress = Progress(
            **{**state["progress"], "best": _number(state["progress"]["best"])}
        )
        load_optimizer(self.optimizer, checkpoint.arrays("optimizer"))
        if self.average:
            self.average.module.load_state_dict(checkpoint.arrays("average"))
        if not self.run.workers.is_main:
            self.progress.sums = {}
        if state["scaler"]:
            self.scaler.load_state_dict(state["scaler"])
        self.run.rewind(self.progress.rows)
        self.run.say(
            f"resuming at epoch {self.progress.epoch + 1}, batch {self.progress.batch + 1}"
        )

    def _train_epoch(self) -> None:
        progress, total = self.progress, len(self.batches)
        what = f"epoch {progress.epoch + 1}/{self.config.epochs}"
        self.model.train_mode()
        with self.run.bar(what, total) as advance:
            advance(progress.batch)
            for pieces in self.batches.epoch(progress.epoch, progress.batch):
                self._step(pieces)
                progress.batch += 1
                progress.step += 1
                self._log(total)
                advance(note=self._note())
                if progress.batch < total:
                    self.run.save_if_due(self.config.checkpoint_seconds, self._save)
        self._end_epoch()

    def _step(self, pieces: list[Batch]) -> None:
        lr = self._set_lr()
        # Dropout and other layers that draw inside the module; a share of the batch draws its own.
        place = (self.progress.epoch, self.progress.batch)
        seeds, rank = self.model.seeds, self.run.workers.rank
        seeds.seed_torch(self.model.device, "module", *place, rank)
        self.optimizer.zero_grad(set_to_none=True)
        for number, batch in enumerate(pieces):
            last = number == len(pieces) - 1
            with self._synchronised(last), self._autocast():
                loss, parts = self.model.loss(self.module, batch)
            self._count(loss, parts, share := self._share(batch), lr)
            with self._synchronised(last):
                self.scaler.scale(loss * share * self.run.workers.size).backward()
        self._update()

    def _share(self, batch: Batch) -> float:
        """Return which part of the global batch this piece is."""
        return len(batch.ids) / self.batches.batch_size

    def _update(self) -> None:
        if self.config.clip:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.module.parameters(), self.config.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.average:
            self.average.update(self.model.module, self.progress.step + 1)

    def _set_lr(self) -> float:
        share = factor(self.config, self.progress.step, len(self.batches)) * self.progress.plateau
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.lr * share
        return self.config.lr * share

    def _autocast(self) -> Any:
        if self.config.precision == "float32":
            return contextlib.nullcontext()
        dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}[self.config.precision]
        return torch.autocast(self.model.device.type, dtype)

    def _synchronised(self, last: bool) -> Any:
        """Exchange gradients only once per step, with the last piece."""
        if isinstance(self.module, DistributedDataParallel) and not last:
            return self.module.no_sync()
        return contextlib.nullcontext()

    def _count(self, loss: Tensor, parts: Mapping[str, Tensor], share: float, lr: float) -> None:
        value = float(loss.detach())
        self.run.require_finite(
            value,
            at=f"epoch {self.progress.epoch + 1}, step {self.progress.step + 1}",
            lr=lr,
            advice="try a lower lr or clip",
        )
        sums = self.progress.sums
        for name, number in {
            "loss": value,
            **{k: float(v.detach()) for k, v in parts.items()},
        }.items():
            sums[name] = sums.get(name, 0.0) + number * share

    def _log(self, batches: int) -> None:
        """Add a row with the mean losses since the last one, ten times an epoch."""
        progress = self.progress
        progress.summed += 1
        due = progress.batch * ROWS_PER_EPOCH // batches
        if due == (progress.batch - 1) * ROWS_PER_EPOCH // batches:
            return
        means = self._means()
        progress.sums, progress.summed = {}, 0
        self._latest = means
        self.run.scalars(
            split="train",
            step=progress.step,
            epoch=progress.epoch + progress.batch / batches,
            lr=self.optimizer.param_groups[0]["lr"],
            **means,
        )

    def _means(self) -> dict[str, float]:
        return {name: total / self.progress.summed for name, total in self._totals().items()}

    def _totals(self) -> dict[str, float]:
        """Add up what the processes summed, each over its own share of every batch."""
        totals: dict[str, float] = {}
        for sums in self.run.workers.gather(self.progress.sums):
            for name, value in sums.items():
                totals[name] = totals.get(name, 0.0) + value
        return totals

    def _note(self) -> str:
        return f"loss {self._latest['loss']:.4f}" if hasattr(self, "_latest") else ""

    def _end_epoch(self) -> None:
        progress, config = self.progress, self.config
        line = f"epoch {progress.epoch + 1}/{config.epochs}  {self._note()}"
        progress.epoch += 1
        progress.batch = 0
        last = progress.epoch == config.epochs
        if self._validates and (progress.epoch % config.validate_every == 0 or last):
            line += self._validate()
        self.run.say(line)
        self.run.flush()
        self.run.save_if_due(self.config.checkpoint_seconds, self._save)

    @property
    def _validates(self) -> bool:
        return self.validation is not None and self.config.validate_every > 0

    def _validate(self) -> str:
        step, epoch = self.progress.step, self.progress.epoch
        with self._averaged():
            split: Split = self.validation  # type: ignore[assignment]
            found = self.run.validate(self.model, split, step=step, epoch=epoch)
        if found is None:
            return ""
        self._judge(found.value)
        return f"  {found}"

    def _judge(self, value: float) -> None:
        """Note whether the validation got better; drop the rate or stop where it did not."""
        progress, config = self.progress, self.config
        if value > progress.best:
            progress.best, progress.epochs_since_best = value, 0
            return
        progress.epochs_since_best += config.validate_every
        if config.schedule == "plateau" and progress.epochs_since_best % config.plateau_epochs == 0:
            progress.plateau *= config.step_factor
        if config.patience and progress.epochs_since_best >= config.patience:
            progress.stopped = True
            self.run.say(f"stopping early: no better validation for {config.patience} epochs")

    @contextlib.contextmanager
    def _averaged(self) -> Iterator[None]:
        """Let the model predict with its averaged weights, in evaluation mode."""
        own = self.model.module
        if self.average:
            self._share_buffers(self.average.module)
            self.model.module = self.average.module
        self.model.module.eval()
        try:
            yield
        finally:
            self.model.module = own
            self.model.train_mode()

    def _share_buffers(self, module: nn.Module) -> None:
        """Give every process the main one's running statistics, so that all predict alike."""
        if self.run.workers.size > 1:
            for buffer in module.buffers():
                torch.distributed.broadcast(buffer, src=0)

    def _save(self) -> None:
        # The main process keeps everybody's sums, so that a resumed run may have other processes.
        totals = self._totals()
        self.progress.sums = totals if self.run.workers.is_main else {}
        if not self.run.workers.is_main:
            return
        self.progress.rows = self.run.rows
        self.run.flush()
        groups = {
            "model": self.model.module.state_dict(),
            "optimizer": optimizer_arrays(self.optimizer),
        }
        if self.average:
            groups["average"] = self.average.module.state_dict()
        state = {"progress": asdict(self.progress), "scaler": self.scaler.state_dict()}
        self.run.checkpoints.save(self.progress.step, groups, state)

    def _finish(self) -> None:
        if self.average:
            self._share_buffers(self.average.module)
            self.model.module.load_state_dict(self.average.module.state_dict())
        else:
            self._share_buffers(self.model.module)
        self.model.module.eval()


def _number(value: float | None) -> float:
    """JSON has no infinity: the best value before the first validation is stored as null."""
    return -math.inf if value is None else value


@contextlib.contextmanager
def _deterministic() -> Iterator[None]:
    """Ask torch for repeatable kernels while the block runs."""
    before = torch.get_deterministic_debug_mode()
    filling = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.set_deterministic_debug_mode("warn")  # the other call imports torch's compiler: seconds
    # Filling costs time and makes nothing more repeatable here: no op reads what it did not write.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
        torch.utils.deterministic.fill_uninitialized_memory = filling  # type: ignore[attr-defined]
