"""Learning-rate schedules as plain functions of how far the training has come."""

from __future__ import annotations

import math

from nntasks.training.config import LoopConfig, ScheduleConfig


def factor(config: ScheduleConfig, step: int, steps_per_epoch: int) -> float:
    """Return the share of the peak learning rate at optimiser step `step` (from 0).

    A function of the step alone, so that a resumed run needs no memory of it. The drops of
    `schedule=plateau` depend on the validation and come on top (see `drop`).
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
    """Return by what the learning rate is multiplied after a validation that is no new best.

    It is `step_factor` after every `plateau_epochs` epochs without one if schedule=plateau, else 1.
    """
    if not isinstance(config, ScheduleConfig) or config.schedule != "plateau":
        return 1.0
    return 1.0 if epochs_since_best % config.plateau_epochs else config.step_factor


def _one_cycle(progress: float, low: float, rise: float = 0.3, start: float = 0.04) -> float:
    """Cosine rise from `start` over the first `rise`, cosine fall to `low` (Smith, 2018)."""
    if progress < rise:
        return start + (1 - start) * (1 - math.cos(math.pi * progress / rise)) / 2
    return low + (1 - low) * (1 + math.cos(math.pi * (progress - rise) / (1 - rise))) / 2
