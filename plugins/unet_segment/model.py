"""U-Net as a model: inputs, loss and predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo, RunHandle, Split
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.encoders import STEPS, encoder
from nntasks.plugins.unet_segment.losses import build_loss
from nntasks.plugins.unet_segment.network import Encoder, UNet, UNetEncoder
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT
from nntasks.seeding import Seeds
from nntasks.training.standardised import IMAGENET, Standardised, pixels
from nntasks.training.torch_model import TorchModel

COLOURS = 3


class UnetModel(TorchModel):
    """A network that predicts the object probability of every pixel.

    Args:
        network: reads (B, 3, H, W) floats of any size, returns logits (B, H, W).
        config: the task's keys.
        info: description of the data.
        seeds: the random streams of the run.
    """

    module: Standardised
    config: UnetConfig

    def __init__(
        self, network: nn.Module, config: UnetConfig, info: DataInfo, seeds: Seeds
    ) -> None:
        module = Standardised(network, COLOURS)
        super().__init__(module.to(memory_format=torch.channels_last), config, seeds)
        self.info = info
        self._loss = build_loss(config)

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the loss of a batch."""
        return self._loss_of(module(pixels(batch.inputs, self.device)).float(), batch), {}

    def _loss_of(self, logits: Tensor, batch: Batch) -> Tensor:
        masks = torch.from_numpy(batch.targets).to(self.device)
        return self._loss(logits, (masks == OBJECT).float(), masks != IGNORED)

    @torch.inference_mode()
    def predict(self, batch: Batch) -> Sequence[np.ndarray]:
        """Return probabilities (H, W) float32 for every picture."""
        inputs = pixels(batch.inputs, self.device)
        logits = self._logits(inputs)
        self.note_loss(batch, lambda: self._loss_of(logits, batch))
        shares = logits.sigmoid()
        if self.config.mirror:
            shares = (shares + self._logits(inputs.flip(-1)).sigmoid().flip(-1)) / 2
        return list(shares.cpu().numpy())

    def _logits(self, inputs: Tensor) -> Tensor:
        return self.module.eval()(inputs).float()

    def prepare_training(self, train: Split, run: RunHandle) -> None:
        """Take mean and deviation per channel from the training pictures or ImageNet."""
        if self.config.pretrained is not None:
            return
        if self.config.encoder_weights is not None:
            self.module.standardise(*IMAGENET)
        else:
            self.module.standardise_like(train)


def build(config: UnetConfig, info: DataInfo, seeds: Seeds) -> UnetModel:
    """Build `model=unet`.

    Raises:
        UsageError: the keys contradict each other.
    """
    if config.encoder_weights is not None and config.encoder == "none":
        raise UsageError("encoder_weights: give their encoder as well, such as encoder=resnet18")
    with seeds.torch_global("init"):
        if config.encoder == "none":
            down: Encoder = UNetEncoder(
                COLOURS, config.depth, config.width, config.norm, config.residual, config.dropout
            )
            steps = [config.width * 2**number for number in reversed(range(config.depth))]
        else:
            down, steps = encoder(config.encoder, config.encoder_weights), list(STEPS)
        network = UNet(
            down,
            steps,
            upsample=config.upsample,
            attention=config.attention,
            norm=config.norm,
            residual=config.residual,
            skips=_skips(config.skips, len(down.channels) - 1),
        )
        network.align = config.align
    return UnetModel(network, config, info, seeds)


def _skips(names: Sequence[str], levels: int) -> set[int] | None:
    """Return the levels that `skips` names, of as many as the encoder has; None for all.

    Raises:
        UsageError: there is no such level.
    """
    if tuple(names) == ("all",):
        return None
    chosen = set() if tuple(names) == ("none",) else {int(name) for name in names}
    if not chosen <= set(range(1, levels + 1)):
        raise UsageError(
            f"skips: expected levels from 1 to {levels}, which this encoder has, got "
            f"{','.join(names)}"
        )
    return chosen
