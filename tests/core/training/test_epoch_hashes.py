"""The hashes of an epoch: of the order of its samples, and of the weights after it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nntasks.machine.distributed import ALONE, Workers
from nntasks.training import epoch_hashes
from nntasks.training.epochs import Progress

MODEL = {"model": {"w": np.ones(2)}, "optimizer": {"m": np.zeros(2)}}


def hashed(groups=MODEL, samples=((0, 1),), workers=ALONE):
    """Return what is recorded: epoch, step and hashes."""
    found = []
    trainer = SimpleNamespace(
        run=SimpleNamespace(workers=workers, hashed=lambda *given: found.append(given)),
        samples=lambda epoch: None if samples is None else np.array(samples) + epoch,
        groups=lambda: groups,
    )
    epoch_hashes.record(trainer, Progress(epoch=3, step=12))
    return found


def test_the_epoch_that_ended_and_its_step():
    ((epoch, step, hashes),) = hashed()
    assert (epoch, step) == (3, 12)
    assert set(hashes) == {"order", "weights"}
    assert hashed() == hashed()


def of(kind, **changed):
    ((_, _, hashes),) = hashed(**changed)
    return hashes.get(kind)


def test_the_order_of_the_samples_counts():
    assert of("order", samples=((1, 0),)) != of("order")
    assert of("order", samples=None) is None
    assert of("weights", samples=((1, 0),)) == of("weights")


def test_of_the_weights_those_of_the_model_count():
    other = {**MODEL, "optimizer": {"m": np.ones(2)}}
    assert of("weights", groups=other) == of("weights")
    assert of("weights", groups={**MODEL, "model": {"w": np.zeros(2)}}) != of("weights")


@pytest.mark.parametrize("changed", [{"a": {"w": np.zeros(2)}}, {"b": {"w": np.ones(2)}}])
def test_without_a_model_all_groups_count_with_their_names(changed):
    assert of("weights", groups=changed) != of("weights", groups={"a": {"w": np.ones(2)}})


def test_one_process_records():
    assert hashed(workers=Workers(rank=1, size=2)) == []
