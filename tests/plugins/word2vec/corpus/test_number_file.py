"""NumPy files written in pieces: NumPy reads them, and they shrink in place."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.word2vec.corpus import number_file
from nntasks.plugins.word2vec.corpus.number_file import NumberFile


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(number_file, "BLOCK", 4)


def stored(path, pieces, dtype="<i4", change=None):
    with NumberFile(path, dtype) as file:
        for piece in pieces:
            file.append(np.array(piece, dtype))
        if change is not None:
            file.rewrite(change)
        file.close()
    return np.load(path)


@pytest.mark.parametrize("dtype", ["<i4", "<i8"])
@pytest.mark.parametrize("pieces", [[], [[]], [[1, 2], [], [3, -1, 2**31 - 1]], [range(9)]])
def test_numpy_reads_what_was_appended(tmp_path, dtype, pieces):
    found = stored(tmp_path / "a.npy", pieces, dtype)
    assert found.tolist() == [number for piece in pieces for number in piece]
    assert found.dtype.str == dtype


def test_numbers_of_another_width_are_stored_in_that_of_the_file(tmp_path):
    with NumberFile(tmp_path / "a.npy", "<i4") as file:
        file.append(np.arange(6, dtype=np.int64)[::2])  # neither of this width nor contiguous
        file.close()
    assert np.load(tmp_path / "a.npy").tolist() == [0, 2, 4]


def test_blocks_are_all_numbers_in_order(tmp_path):
    with NumberFile(tmp_path / "a.npy", "<i4") as file:
        file.append(np.arange(9, dtype=np.int32))
        blocks = [block.tolist() for block in file.blocks()]
    assert blocks == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]


def test_rewriting_may_drop_numbers_and_the_file_shrinks(tmp_path):
    path = tmp_path / "a.npy"
    found = stored(path, [range(10)], change=lambda block: 10 * block[block % 3 == 0])
    assert found.tolist() == [0, 30, 60, 90]
    assert path.stat().st_size == number_file.HEAD + 4 * 4


def test_a_change_may_hold_numbers_back_for_a_later_block(tmp_path):
    held = []

    def change(block):
        numbers = [*held, *block.tolist()]
        held[:] = numbers[-1:]
        return np.array(numbers[:-1], np.int32)

    assert stored(tmp_path / "a.npy", [range(10)], change=change).tolist() == list(range(9))


def test_appending_goes_on_after_a_rewriting(tmp_path):
    with NumberFile(tmp_path / "a.npy", "<i4") as file:
        file.append(np.arange(4, dtype=np.int32))
        file.rewrite(lambda block: block[:2])
        file.append(np.array([7], np.int32))
        file.close()
    assert np.load(tmp_path / "a.npy").tolist() == [0, 1, 7]
