"""The limits of `skipgram`: one table in Python, the same in C++."""

from __future__ import annotations

import re

import pytest
from command_line import ROOT

from nntasks.ops import SkipgramSettings
from nntasks.ops._skipgram_settings import LEAST_CLIP, LIMITS, MOST_CLIP


def test_both_tables_are_the_same():
    header = (ROOT / "csrc" / "skipgram" / "limits.h").read_text()
    rows = re.findall(r'constexpr Limit \w+\{"(\w+)", (\d+), (\d+)\};', header)
    assert {name: (int(least), int(most)) for name, least, most in rows} == LIMITS
    clips = re.search(r"kLeastClip = (\S+), kMostClip = (\S+);", header)
    assert tuple(map(float, clips.groups())) == (LEAST_CLIP, MOST_CLIP)


@pytest.mark.parametrize("name", ["window", "negatives", "offset", "block", "together"])
def test_limits_hold_at_their_ends(name):
    least, most = LIMITS[name]
    for value in (least, most):
        assert getattr(SkipgramSettings(**{name: value}), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(ValueError, match=f"{name} must be from {least} to {most}, got {value}"):
            SkipgramSettings(**{name: value})


def test_numbers_and_settings_are_inverse():
    settings = SkipgramSettings(window=3, seed=2**64 - 1, kind="cbow", lr=(0.5, 0.25), clip_norm=1)
    assert SkipgramSettings.of_numbers(*settings.numbers()) == settings
