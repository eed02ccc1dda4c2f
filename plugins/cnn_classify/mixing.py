"""Mixup and cutmix: pictures and labels of a batch, mixed in pairs."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

Mixing = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def mixing(mixup: float, cutmix: float, classes: int) -> Mixing | None:
    """Return what mixes pictures (B, C, H, W) and labels (B,) into shares (B, K); None for nothing.

    It draws from torch's own generator, which the training loop sets before every step.

    Args:
        mixup: alpha of Zhang et al., ICLR 2018; 0 for none.
        cutmix: alpha of Yun et al., ICCV 2019; 0 for none. With both, either is drawn per batch.
        classes: how many.
    """
    if not mixup and not cutmix:
        return None
    from torchvision.transforms import v2

    chosen: list[v2.Transform] = []
    if mixup:
        chosen.append(v2.MixUp(alpha=mixup, num_classes=classes))
    if cutmix:
        chosen.append(v2.CutMix(alpha=cutmix, num_classes=classes))
    return v2.RandomChoice(chosen)
