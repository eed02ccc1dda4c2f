"""Options of scenes: what cannot be painted, and the number of digits of each split."""

from __future__ import annotations

import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.scene_options import ScenesConfig


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fewest": 7}, "fewest .7. must not exceed data.most .6."),
        ({"train_fewest": 9, "train_most": 8}, "train_fewest .9. must not exceed data.train_most"),
        ({"smallest": 0.8}, "smallest .0.8. must not exceed"),
        ({"size": 32}, "must reach 8 pixels"),
        ({"train": 0}, "train: expected"),
    ],
)
def test_impossible_options_are_said(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(ScenesConfig, options, prefix="data.")


def test_equal_ends_and_eight_pixels_are_possible() -> None:
    options = ScenesConfig(size=32, smallest=0.25, largest=0.25, fewest=1, most=1)
    assert options.size * options.smallest == 8


def test_training_scenes_have_a_range_of_their_own() -> None:
    options = ScenesConfig(fewest=1, most=2, train_fewest=3, train_most=4)
    assert options.digits_in("train") == (3, 4)
    assert options.digits_in("validation") == options.digits_in("test") == (1, 2)
