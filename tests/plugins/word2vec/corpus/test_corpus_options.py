"""The options of encoding: their limits, and how many threads read."""

from __future__ import annotations

import os

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus.options import CorpusOptions, thread_count


@pytest.mark.parametrize(
    "keys",
    [
        {"min_count": 1},
        {"max_vocabulary": 2},
        {"max_vocabulary": 2**31 - 1},
        {"encoding": "Latin-1"},
        {"errors": "replace"},
        {"sentence": "document"},
        {"phrases": 8},
        {"phrase_threshold": 1e-9},
    ],
)
def test_values_at_the_limits_are_taken(keys):
    options = CorpusOptions(**keys)
    assert {name: getattr(options, name) for name in keys} == keys


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"min_count": 0}, "min_count: expected a number from 1 on, got 0"),
        (
            {"max_vocabulary": 1},
            "max_vocabulary: expected a number from 2 to 2,147,483,647, or None",
        ),
        ({"max_vocabulary": 2**31}, "max_vocabulary: expected .*, got 2147483648"),
        ({"encoding": "utf-9"}, "encoding: expected an encoding of text, .*, got 'utf-9'"),
        ({"encoding": "hex"}, "encoding: expected an encoding of text, .*, got 'hex'"),
        ({"errors": "xmlcharrefreplace"}, "errors: expected strict or ignore or replace, got"),
        ({"sentence": "page"}, "sentence: expected line or document, got 'page'"),
        ({"phrases": 9}, "phrases: expected passes from 0 to 8, got 9"),
        ({"phrase_threshold": 0.0}, "phrase_threshold: expected a number above 0, got 0.0"),
    ],
)
def test_values_beyond_them_are_one_line(keys, message):
    with pytest.raises(UsageError, match=f"^{message}"):
        CorpusOptions(**keys)


class TestThreads:
    def test_none_means_one_per_processor_that_is_ours(self, monkeypatch):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 5, 6}, raising=False)
        assert thread_count(None) == 3

    def test_where_the_system_does_not_tell_all_processors_count(self, monkeypatch):
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
        monkeypatch.setattr(os, "cpu_count", lambda: 7)
        assert thread_count(None) == 7
        monkeypatch.setattr(os, "cpu_count", lambda: None)
        assert thread_count(None) == 1

    def test_a_number_is_taken_within_its_limits(self):
        assert [thread_count(1), thread_count(1024)] == [1, 1024]
        for threads in (0, 1025):
            with pytest.raises(UsageError, match=f"from 1 to 1024, got {threads}"):
                thread_count(threads)
