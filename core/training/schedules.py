"""Learning-rate schedules as pure functions of the step."""

from __future__ import annotations

import math

from nntasks.training.config import LoopConfig, ScheduleConfig


def factor(config: ScheduleConfig, step: int, steps_per_epoch: int) -> float:
    """Return the share of the peak learning rate at optimiser step `step` (from 0).

    It depends only on the step, so checkpoints need not store it. The drops of `schedule=plateau`
    depend on the validation and are applied in addition (see `drop`).
    """
    warmup = round(config.warmup_epochs * steps_per_epoch)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    total = max(config.epochs * steps_per_epoch - warmup, 1)
    progress = min((step - warmup) / max(total - 1, 1), 1.0)
    low = config.lr_final
    if config.schedule == "linear":
        return 1 - (1 - low) * progress
    if config.schedule == "cosine":
        return low + (1 - low) * (1 + math.cos(math.pi * progress)) / 2
    if config.schedule == "step":
        return config.step_factor ** (step // (config.step_epochs * steps_per_epoch))
    if config.schedule == "one_cycle":
        return _one_cycle(progress, low)
    return 1.0


def drop(config: LoopConfig, epochs_since_best: int) -> float:
    """Return the factor of the learning rate after a validation without improvement.

    With schedule=plateau it is `step_factor` after every `plateau_epochs` such epochs, else 1.
    """
    if not isinstance(config, ScheduleConfig) or config.schedule != "plateau":
        return 1.0
    return 1.0 if epochs_since_best % config.plateau_epochs else config.step_factor


def _one_cycle(progress: float, low: float, rise: float = 0.3, start: float = 0.04) -> float:
    """Cosine rise from `start` over the first `rise`, cosine fall to `low` (Smith, 2018)."""
    if progress < rise:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / rise)) / 2
    return low + (1 - low) * (1 + math.cos(math.pi * (progress - rise) / (1 - rise))) / 2
