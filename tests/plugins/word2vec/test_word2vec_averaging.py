"""Averaging over processes, played by threads that sum at a barrier."""

from __future__ import annotations

import threading

import pytest
import torch

from nntasks.machine.distributed import ALONE, Workers
from nntasks.plugins.word2vec import averaging
from nntasks.plugins.word2vec.averaging import Averaging

ROWS, COLUMNS = 10, 4


class Group:
    """Threads that sum tensors as processes of a group do: all calls in one order."""

    def __init__(self, size):
        self.size = size
        self._barrier = threading.Barrier(size)
        self._rank = threading.local()
        self._given = [None] * size

    def begin_sum(self, values):
        self._given[self._rank.number] = values
        self._barrier.wait(10)
        total = torch.stack(self._given).sum(0)
        self._barrier.wait(10)
        return Work(values, total)

    def run(self, work):
        """Call work(rank) in a thread for each rank; return the results by rank."""
        found = [None] * self.size

        def enter(rank):
            self._rank.number = rank
            found[rank] = work(rank)

        threads = [threading.Thread(target=enter, args=(rank,)) for rank in range(self.size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found


class Work:
    """The sum arrives when it is waited for, as late as can be."""

    def __init__(self, values, total):
        self._values, self._total = values, total

    def wait(self):
        self._values.copy_(self._total)


@pytest.fixture
def group(monkeypatch):
    group = Group(3)
    monkeypatch.setattr(averaging, "begin_sum", group.begin_sum)
    return group


def matrices():
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(ROWS, COLUMNS, generator=generator) for _ in range(2)]


def test_a_row_moves_by_the_sum_over_the_root_of_how_many_have_moved_it(group):
    def work(rank):
        both = matrices()
        averager = Averaging(Workers(rank, 3), both, frequent=2)
        both[0][0] += rank + 1  # by all
        both[1][9] += 5 * (rank == 1)  # by one
        both[0][4] += (rank != 1) * (rank + 1)  # by two
        averager.finish()
        return both, averager.sent

    found = group.run(work)
    expected = matrices()
    expected[0][0] += (1 + 2 + 3) / 3**0.5
    expected[1][9] += 5
    expected[0][4] += (1 + 3) / 2**0.5
    for both, sent in found:
        for ours, theirs in zip(both, expected, strict=True):
            torch.testing.assert_close(ours, theirs)
        assert sent == 4 * (2 * ROWS + 3 * COLUMNS)  # a count for each row, and three rows
    for both, _ in found[1:]:
        assert all(torch.equal(one, other) for one, other in zip(both, found[0][0], strict=True))


def test_an_exchange_comes_back_while_training_goes_on(group):
    """What is learned meanwhile stays, and counts in the next average."""

    def work(rank):
        both = matrices()
        averager = Averaging(Workers(rank, 3), both, frequent=1)
        both[0][0] += 3.0 * rank
        averager.exchange()
        both[0][0] += 1 + rank  # trained before the first exchange has come back
        averager.exchange()
        after = both[0][0].clone()
        averager.finish()
        return after, both[0][0]

    start, root = matrices()[0][0], 3**0.5
    for rank, (after, end) in enumerate(group.run(work)):
        torch.testing.assert_close(after, start + 9 / root + 1 + rank)
        torch.testing.assert_close(end, start + 9 / root + 6 / root)


def test_processes_agree_to_the_bit_after_many_rounds(group):
    def work(rank):
        both, generator = matrices(), torch.Generator().manual_seed(rank)
        averager = Averaging(Workers(rank, 3), both, frequent=4)
        for _ in range(5):
            for _ in range(3):
                for matrix in both:
                    matrix += 0.1 * torch.randn(ROWS, COLUMNS, generator=generator)
                averager.exchange()
            averager.finish()
        return both

    found = group.run(work)
    for both in found[1:]:
        assert all(torch.equal(one, other) for one, other in zip(both, found[0], strict=True))


def test_one_process_has_nothing_to_average():
    both = matrices()
    averager = Averaging(ALONE, both, frequent=4)
    both[0] += 1
    averager.exchange()
    averager.finish()
    assert torch.equal(both[0], matrices()[0] + 1)
    assert averager.sent == 0
