"""Seven losses of logits and masks.

Logits (B, H, W) are those of the object. Targets (B, H, W) float are 1 on the object and 0 on the
background. `counted` (B, H, W) bool excludes pixels. Every loss is a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nntasks.plugins.unet_segment.config import UnetConfig

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
_TINY = 1e-7


def bce(logits: Tensor, targets: Tensor, counted: Tensor, positive_weight: float = 1.0) -> Tensor:
    """Return the mean binary cross-entropy with weighted object pixels."""
    each = functional.binary_cross_entropy_with_logits(
        logits, targets, reduction="none", pos_weight=logits.new_tensor(positive_weight)
    )
    return _mean(each, counted)


def dice(logits: Tensor, targets: Tensor, counted: Tensor) -> Tensor:
    """Return 1 - Dice of probabilities, pooled over the batch (Milletari et al. 2016)."""
    return tversky(logits, targets, counted, 0.5, 0.5)


def bce_dice(
    logits: Tensor, targets: Tensor, counted: Tensor, positive_weight: float = 1.0
) -> Tensor:
    """Return the sum of binary cross-entropy and Dice loss."""
    return bce(logits, targets, counted, positive_weight) + dice(logits, targets, counted)


def focal(
    logits: Tensor, targets: Tensor, counted: Tensor, gamma: float = 2.0, alpha: float = 0.5
) -> Tensor:
    """Return the mean focal loss (Lin et al., ICCV 2017): it reduces the weight of easy pixels.

    Args:
        logits, targets, counted: see above.
        gamma: power of the probability of error.
        alpha: weight of object pixels; 1 - alpha is that of the others.
    """
    wrong = torch.sigmoid(torch.where(targets > 0.5, -logits, logits))
    weight = torch.where(targets > 0.5, alpha, 1 - alpha)
    each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return _mean(weight * wrong**gamma * each, counted)


def tversky(
    logits: Tensor, targets: Tensor, counted: Tensor, alpha: float = 0.3, beta: float = 0.7
) -> Tensor:
    """Return 1 - TP / (TP + alpha FP + beta FN) of probabilities (Salehi et al. 2017).

    Pooled over the batch; alpha = beta = 0.5 is Dice.
    """
    shares = torch.sigmoid(logits) * counted
    truth = targets * counted
    hits = (shares * truth).sum()
    false_alarms, misses = shares.sum() - hits, truth.sum() - hits
    return 1 - (hits + _TINY) / (hits + alpha * false_alarms + beta * misses + _TINY)


def lovasz(logits: Tensor, targets: Tensor, counted: Tensor) -> Tensor:
    """Return the Lovász hinge: the convex extension of 1 - IoU (Berman et al., CVPR 2018).

    The mean over pictures; a picture without counted pixels has loss 0.
    """
    losses = [
        _lovasz_of_one(one[there], truth[there])
        for one, truth, there in zip(logits, targets, counted, strict=True)
        if there.any()
    ]
    return torch.stack(losses).mean() if losses else logits.sum() * 0


def _lovasz_of_one(logits: Tensor, truth: Tensor) -> Tensor:
    errors = 1 - logits * (2 * truth - 1)
    errors, order = errors.sort(descending=True)
    truth = truth[order]
    # IoU loss if all pixels up to this one are wrong; its differences are the weights.
    common = truth.sum() - truth.cumsum(0)
    union = truth.sum() + (1 - truth).cumsum(0)
    jaccard = 1 - common / union
    weights = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return (functional.relu(errors) * weights).sum()


def border(
    logits: Tensor, targets: Tensor, counted: Tensor, weight: float = 10.0, width: float = 5.0
) -> Tensor:
    """Return cross-entropy weighted by the map of the U-Net paper (Ronneberger et al. 2015).

    Args:
        logits, targets, counted: see above.
        weight: w0, the extra weight where two objects almost touch.
        width: sigma, the range of the extra weight, in pixels.
    """
    maps = [border_map(one > 0.5, weight, width) for one in targets.detach().cpu().numpy()]
    weights = torch.from_numpy(np.stack(maps)).to(logits)
    each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return _mean(weights * each, counted)


def border_map(mask: np.ndarray, weight: float, width: float) -> np.ndarray:
    """Return 1 + w0 exp(-(d1 + d2)^2 / 2 sigma^2) beside objects, and 1 on them: (H, W) float32.

    d1 and d2 are the distances to the nearest and to the second nearest object, a connected part of
    the mask (H, W) bool; with fewer than two objects the map is 1.
    """
    from scipy import ndimage

    objects, count = ndimage.label(mask, structure=np.ones((3, 3)))
    flat = np.ones(mask.shape, dtype=np.float32)
    if count < 2:
        return flat
    nearest = np.full((2, *mask.shape), np.inf)
    for number in range(1, count + 1):
        distance = ndimage.distance_transform_edt(objects != number)
        nearest = np.sort(np.concatenate([nearest, distance[None]]), axis=0)[:2]
    extra = weight * np.exp(-(nearest.sum(axis=0) ** 2) / (2 * width**2))
    return flat + np.where(mask, 0, extra).astype(np.float32)


def _mean(each: Tensor, counted: Tensor) -> Tensor:
    return (each * counted).sum() / counted.sum().clamp(min=1)


def build_loss(config: UnetConfig) -> Loss:
    """Return the configured loss with its parameters."""
    losses: dict[str, Loss] = {
        "bce": partial(bce, positive_weight=config.positive_weight),
        "dice": dice,
        "bce_dice": partial(bce_dice, positive_weight=config.positive_weight),
        "focal": partial(focal, gamma=config.focal_gamma, alpha=config.focal_alpha),
        "tversky": partial(tversky, alpha=config.tversky_alpha, beta=config.tversky_beta),
        "lovasz": lovasz,
        "border": partial(border, weight=config.border_weight, width=config.border_width),
    }
    return losses[config.loss]
