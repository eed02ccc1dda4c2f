"""Keys of `unet_segment`: names of levels and presets, and what is refused."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.config import PRESETS
from nntasks.runner import make_task


def config(**keys):
    return make_task("unet_segment", [keys]).config


@pytest.mark.parametrize(
    ("skips", "names"),
    [("all", ("all",)), ("none", ("none",)), ("1,3", ("1", "3")), ("2", ("2",))],
)
def test_levels_by_number_or_all_or_none(skips, names):
    assert config(skips=skips).skips == names


@pytest.mark.parametrize("skips", ["all,1", "x", "-1", "1,none", "²"])
def test_what_names_no_level(skips):
    with pytest.raises(UsageError, match=r"^skips: expected all, none, or levels from 1, such as"):
        config(skips=skips)


def test_presets_by_name_and_none_of_them():
    assert config(augment="none").augment == ()
    assert config(augment=",".join(PRESETS)).augment == PRESETS


@pytest.mark.parametrize("augment", ["flipp", "flip,flip", "none,flip"])
def test_presets_that_are_none_or_come_twice(augment):
    with pytest.raises(UsageError, match=r"^augment: expected none, or some of flip, crop, .*each"):
        config(augment=augment)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("width", 6), ("width", 0), ("depth", 0), ("depth", 7), ("image_size", 8)),
        *(("threshold", 0), ("threshold", 1), ("dropout", 1), ("focal_alpha", 0)),
        *(("tversky_alpha", 1.5), ("tile", -1), ("overlap", 4096), ("positive_weight", 0)),
        *(("loss", "mse"), ("norm", "instance"), ("align", "cut"), ("upsample", "nearest")),
        ("metrics", ()),
    ],
)
def test_values_out_of_their_range_are_named(key, value):
    with pytest.raises(UsageError, match=rf"^{key}: ") as error:
        config(**{key: value})
    assert "\n" not in str(error.value)
