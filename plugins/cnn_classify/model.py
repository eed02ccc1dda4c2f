"""A torch network as a picture classifier: inputs, loss and predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo, RunHandle, Split
from nntasks.plugins.cnn_classify.config import CnnConfig
from nntasks.plugins.cnn_classify.mixing import mixing
from nntasks.seeding import Seeds
from nntasks.training.standardised import Standardised, pixels
from nntasks.training.torch_model import TorchModel


class Adapted(nn.Module):
    """Adapts channels and size of pictures to a network.

    Args:
        network: reads (B, channels, H, W).
        channels: input channels of the network; a single one is repeated.
        side: side that pictures are scaled to, in pixels; None to keep their size.
    """

    def __init__(self, network: nn.Module, channels: int, side: int | None) -> None:
        super().__init__()
        self.network, self._channels, self._side = network, channels, side

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, K)
        if self._side is not None:
            x = functional.interpolate(x, (self._side, self._side), mode="bilinear", antialias=True)
        return self.network(x.expand(-1, self._channels, -1, -1))


class PictureClassifier(TorchModel):
    """A picture classifier around any network, to call or to inherit from.

    Args:
        network: a module that reads (B, C, H, W) floats and returns logits (B, K).
        config: the task's keys.
        info: classes and input_shape (H, W, C) of the data.
        seeds: the random streams of the run.

    Raises:
        UsageError: the network cannot read such pictures.
    """

    module: Standardised
    config: CnnConfig

    def __init__(self, network: nn.Module, config: CnnConfig, info: DataInfo, seeds: Seeds) -> None:
        module = Standardised(network, info.input_shape[-1])
        super().__init__(module.to(memory_format=torch.channels_last), config, seeds)
        self.info = info
        self._mix = mixing(config.mixup, config.cutmix, len(info.classes))
        self._check()

    def _check(self) -> None:
        """Run one picture, so that a network that does not fit fails before training."""
        picture = np.zeros((1, *self.info.input_shape), np.uint8)
        height, width, _ = self.info.input_shape
        try:
            with torch.inference_mode():
                shape = tuple(self.module.eval()(self.pixels(picture)).shape)
        except (RuntimeError, ValueError, AssertionError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UsageError(
                f"model={self.config.model} cannot read pictures of {width} x {height} pixels: "
                f"{reason}; scale them up, or choose a model for small pictures"
            ) from error
        if shape != (1, len(self.info.classes)):
            raise UsageError(
                f"model={self.config.model}: expected {len(self.info.classes)} logits per picture, "
                f"got shape {shape}"
            )

    def pixels(self, pictures: np.ndarray) -> Tensor:
        """Return (B, H, W, C) bytes as (B, C, H, W) floats in 0..255 on the model's device."""
        return pixels(pictures, self.device)

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return cross-entropy and accuracy (of mixed labels, by the larger share)."""
        pictures = self.pixels(batch.inputs)
        targets = torch.as_tensor(batch.targets).to(self.device)
        labels = targets
        if self._mix is not None:
            pictures, targets = self._mix(pictures, targets)
            labels = targets.argmax(dim=1)
        logits = module(pictures).float()
        loss = functional.cross_entropy(
            logits, targets, label_smoothing=self.config.label_smoothing
        )
        return loss, {"accuracy": (logits.detach().argmax(dim=1) == labels).float().mean()}

    @torch.inference_mode()
    def predict(self, batch: Batch) -> Sequence[np.ndarray]:
        """Return probabilities (K,) float64 for every picture."""
        logits = self.module.eval()(self.pixels(batch.inputs))
        return list(logits.double().softmax(dim=1).cpu().numpy())

    def prepare_training(self, train: Split, run: RunHandle) -> None:
        """Take mean and standard deviation of each channel from the training pictures."""
        if self.config.pretrained is None:
            self.module.standardise_like(train)
