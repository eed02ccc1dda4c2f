"""One optimiser step of a torch module: forward, backward, clipping, update."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from nntasks.interfaces import Batch
from nntasks.machine.distributed import Workers
from nntasks.training.batches import Piece
from nntasks.training.optimizers import build_optimizer, load_optimizer, optimizer_arrays
from nntasks.training.replicas import Replicas
from nntasks.training.torch_model import TorchModel


class TorchStep:
    """Optimiser steps of a model, with mixed precision, pieces and processes.

    Args:
        model: the model to train.
        workers: the processes that share each batch.
        batch_size: samples per global batch, over all pieces and processes.

    Attributes:
        gradient_norm: of the last step, before clipping.
    """

    gradient_norm: float = 0.0

    def __init__(self, model: TorchModel, workers: Workers, batch_size: int) -> None:
        self._model, self._workers, self._batch_size = model, workers, batch_size
        self._clip, self._precision = model.config.clip, model.config.precision
        self._scaler = torch.amp.GradScaler(model.device.type, enabled=self._precision == "float16")
        self._module = self._distributed(model.module)
        # Several processes divide the replicas: each computes its own in sequence.
        count = model.config.replicas if workers.size == 1 else 1
        self.replicas = Replicas(self._module, count)
        self.optimizer = build_optimizer(
            model.config, model.parameter_groups(), self.replicas.share_out
        )

    def _distributed(self, module: nn.Module) -> nn.Module:
        if self._workers.size == 1:
            return module
        devices = [self._model.device.index] if self._model.device.type == "cuda" else None
        return DistributedDataParallel(module, device_ids=devices)

    def __call__(
        self, pieces: Sequence[Piece], lr: float, coordinates: Sequence[int]
    ) -> dict[str, float]:
        """Update the parameters once.

        Args:
            pieces: this process's share of a batch.
            lr: learning rate.
            coordinates: select the random stream "module" for layers such as dropout.

        Returns:
            The loss and its parts, weighted by this process's share of the batch.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self._seed(coordinates)
        self.optimizer.zero_grad(set_to_none=True)
        last = pieces[-1]

        def backward(module: nn.Module, piece: Piece) -> dict[str, float]:
            return self._backward(module, piece(), piece is last)

        measured: dict[str, float] = {}
        for values in self.replicas(pieces, backward):
            for name, value in values.items():
                measured[name] = measured.get(name, 0.0) + value
        self.gradient_norm = math.nan
        if math.isfinite(measured["loss"]):
            self._update()
        return measured

    def again(self, pieces: Sequence[Piece], coordinates: Sequence[int]) -> None:
        """Compute the gradients of a step again, one piece after another, without an update."""
        self._seed(coordinates)
        self.optimizer.zero_grad(set_to_none=True)
        for number, share in enumerate(self.replicas.shares(pieces)):
            self.replicas.dropout[0].seed(self._dropout_seed(coordinates, number))
            for piece in share:
                self._backward(self._model.module, piece(), False)

    def _seed(self, coordinates: Sequence[int]) -> None:
        self._model.seeds.seed_torch(self._model.device, "module", *coordinates)
        for number, dropout in enumerate(self.replicas.dropout):
            dropout.seed(self._dropout_seed(coordinates, number))

    def _dropout_seed(self, coordinates: Sequence[int], replica: int) -> int:
        return self._model.seeds.integer("module dropout", *coordinates, replica)

    def _backward(self, module: nn.Module, batch: Batch, last: bool) -> dict[str, float]:
        """Compute the gradients of a piece; return its loss and the parts, weighted by its size."""
        with self._synchronised(last), self._autocast():
            loss, parts = self._model.loss(module, batch)
        share = len(batch.ids) / self._batch_size
        with self._synchronised(last):
            self._scaler.scale(loss * share * self._workers.size).backward()
        return {
            name: float(value.detach()) * share for name, value in {"loss": loss, **parts}.items()
        }

    def _update(self) -> None:
        """Update the parameters, unless the gradient is not finite.

        float16 skips such steps by itself: its scale of the loss is then too large.
        """
        self._scaler.unscale_(self.optimizer)
        parameters = list(self._model.module.parameters())
        if self._clip:
            norm = nn.utils.clip_grad_norm_(parameters, self._clip)
        else:
            norm = nn.utils.get_total_norm(p.grad for p in parameters if p.grad is not None)
        self.gradient_norm = float(norm)
        if not math.isfinite(self.gradient_norm) and not self._scaler.is_enabled():
            return
        self._scaler.step(self.optimizer)
        self._scaler.update()

    def _autocast(self) -> Any:
        if self._precision == "float32":
            return contextlib.nullcontext()
        dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}[self._precision]
        return torch.autocast(self._model.device.type, dtype)

    def _synchronised(self, last: bool) -> Any:
        """Synchronise gradients only with the last piece of a step."""
        if isinstance(self._module, DistributedDataParallel) and not last:
            return self._module.no_sync()
        return contextlib.nullcontext()

    def arrays(self) -> dict[str, Tensor]:
        """Return the optimiser's tensors by name."""
        return optimizer_arrays(self.optimizer)

    def state(self) -> dict[str, Any]:
        """Return the state of the gradient scaler, empty unless precision=float16."""
        return self._scaler.state_dict()

    def load(self, arrays: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Restore what `arrays` and `state` returned."""
        load_optimizer(self.optimizer, arrays)
        if state:
            self._scaler.load_state_dict(dict(state))
