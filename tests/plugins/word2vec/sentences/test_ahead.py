"""An iterator read one item ahead gives the same items, and ends when it is left."""

from __future__ import annotations

import threading

import pytest

from nntasks.plugins.word2vec.sentences.ahead import one_ahead


def readers():
    return [thread for thread in threading.enumerate() if thread.name == "nntasks-sentences"]


def test_the_items_come_in_order():
    assert list(one_ahead(iter(range(100)))) == list(range(100))
    assert list(one_ahead(iter(()))) == []
    assert not readers()


def test_the_next_item_is_read_while_one_is_in_use():
    reached = threading.Event()

    def items():
        yield 1
        reached.set()
        yield 2

    ahead = one_ahead(items())
    assert next(ahead) == 1
    assert reached.wait(10)
    assert list(ahead) == [2]


def test_an_error_comes_in_its_place():
    def items():
        yield 1
        raise KeyError("broken")

    ahead = one_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="broken"):
        next(ahead)
    assert not readers()


def test_the_thread_ends_with_who_leaves():
    def endless():
        while True:
            yield 0

    ahead = one_ahead(endless())
    next(ahead)
    ahead.close()
    assert not readers()
