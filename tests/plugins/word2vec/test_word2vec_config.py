"""The keys of the task: limits, and keys that depend on each other."""

from __future__ import annotations

import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.word2vec.config import Word2VecConfig


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"dim": "0"}, "dim: expected a whole number >= 1"),
        ({"device": "mps"}, "device: expected"),
        ({"clip_value": "1e-31"}, r"clip_value: expected 0 or a number from 1e-30 to 1e\+30"),
        ({"clip_norm": "1e31"}, r"clip_norm: expected a number >= 0 and <= 1e\+30"),
        ({"save": "csv"}, "save: expected bin, txt or both, separated by commas"),
        ({"max_n": "2"}, "max_n: expected 0, or at least min_n=3, got 2"),
        ({"noise_power": "6"}, "noise_power: expected"),
        ({"mode": "slow"}, "mode: expected one of ordered, fast"),
    ],
)
def test_values_beyond_the_limits_are_one_line(keys, message):
    with pytest.raises(UsageError, match=message) as caught:
        build(Word2VecConfig, keys)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"clip_value": "1e-30", "clip_norm": "0"}, (1e-30, 0.0)),
        ({"min_n": "5", "max_n": "5"}, (5, 5)),
        ({"min_n": "5", "max_n": "0"}, (5, 0)),
        ({"save": "txt, bin"}, (("txt", "bin"),)),
        ({"save": ""}, ((),)),
        ({"device": "cuda:1"}, ("cuda:1",)),
    ],
)
def test_values_at_the_limits_are_taken(keys, found):
    config = build(Word2VecConfig, keys)
    assert tuple(getattr(config, name) for name in keys) == found
