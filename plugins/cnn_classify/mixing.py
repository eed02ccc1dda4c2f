"""Mixup and cutmix: pairs of pictures and their labels are mixed within a batch."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

Mixing = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def mixing(mixup: float, cutmix: float, classes: int) -> Mixing | None:
    """Return a transform of pictures (B, C, H, W) and labels (B,) to soft labels (B, K), or None.

    It uses torch's global generator, which the training loop seeds before every step.

    Args:
        mixup: alpha of Zhang et al., ICLR 2018; 0 for none.
        cutmix: alpha of Yun et al., ICCV 2019; 0 for none. With both, one is drawn per batch.
        classes: K.
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
