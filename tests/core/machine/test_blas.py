"""NumPy's threads are as many as asked for while a block runs, and as before afterwards."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info

from nntasks.machine.blas import blas_threads


def threads() -> list[int]:
    found = [info for info in threadpool_info() if info["user_api"] == "blas"]
    return [info["num_threads"] for info in found]


@pytest.mark.parametrize("count", [1, 2])
def test_threads_are_limited_in_the_block_only(count):
    with blas_threads(2):
        before = threads()
        with blas_threads(count):
            assert threads() == [count] * len(before)
        assert threads() == before
    assert set(before) == {2}


def test_an_error_gives_the_threads_back():
    before = threads()
    with pytest.raises(RuntimeError), blas_threads(1):
        raise RuntimeError
    assert threads() == before
