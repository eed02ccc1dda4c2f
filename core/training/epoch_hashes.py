"""The hashes of an epoch, by which another training can be compared with this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nntasks.run_folder.array_hash import array_hash

if TYPE_CHECKING:
    from nntasks.training.epochs import Progress, Trainer


def record(trainer: Trainer, progress: Progress) -> None:
    """Record the hashes of the last epoch's samples in order and of the weights after it."""
    run = trainer.run
    if not run.workers.is_main:
        return
    samples = trainer.samples(progress.epoch - 1)
    order = {} if samples is None else {"order": array_hash({"samples": samples})}
    groups = trainer.groups()
    weights = groups.get("model") or {
        f"{group}.{name}": array for group in groups for name, array in groups[group].items()
    }
    run.hashed(progress.epoch, progress.step, {**order, "weights": array_hash(weights)})
