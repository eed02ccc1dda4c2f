"""Wrong options of `explain` are named before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.explanation.options import ExplainOptions


def test_text_is_read():
    options = build(ExplainOptions, {"pixel": "3,14", "figure": "why.PNG", "mask": "m.png"})
    assert (options.pixel, options.figure, options.mask) == (
        (3, 14),
        Path("why.PNG"),
        Path("m.png"),
    )
    assert build(ExplainOptions, {}).pixel == ()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("pixel", "3", "pixel: expected pixel=X,Y, two numbers from 0 on"),
        ("pixel", "1,2,3", "pixel=X,Y"),
        ("pixel", "-1,2", "pixel=X,Y"),
        ("pixel", "a,b", "pixel"),
        ("figure", "why.jpg", "expected the name of a PNG file"),
        ("pixels", "1,2", "unknown key pixels. Did you mean 'pixel'"),
    ],
)
def test_wrong_values_are_named(key, value, message):
    with pytest.raises(UsageError, match=message) as error:
        build(ExplainOptions, {key: value})
    assert "\n" not in str(error.value)
