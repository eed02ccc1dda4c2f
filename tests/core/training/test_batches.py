"""Batches: the same for any number of processes and loaders."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.machine.distributed import Workers
from nntasks.runner import make_task
from nntasks.training.batches import Batches

pytestmark = pytest.mark.usefixtures("toy")


@pytest.mark.parametrize("size", [1, 2, 3])
def test_processes_share_the_same_global_batches(size):
    task = make_task("toy", [{}])
    train = task.load_data().train

    def batches(rank, of):
        workers = Workers(rank, of)
        return Batches(train, task.context.seeds, workers, batch_size=30, pieces=2, loaders=0)

    alone = batches(0, 1).indices(3)
    assert len({int(i) for row in alone for i in row}) == alone.size  # no sample twice an epoch
    for whole in alone:
        shares = [piece for rank in range(size) for piece in batches(rank, size).pieces(whole)]
        assert [int(i) for share in shares for i in share] == whole.tolist()


def test_a_batch_too_small_for_the_processes_is_refused():
    task = make_task("toy", [{}])
    with pytest.raises(UsageError, match="at least one sample for each of 4 processes"):
        Batches(
            task.load_data().train,
            task.context.seeds,
            Workers(0, 4),
            batch_size=3,
            pieces=1,
            loaders=0,
        )
