"""The keys of the task: presets of augmentation, and words that mean none."""

from __future__ import annotations

import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.cnn_classify.config import CnnConfig


@pytest.mark.parametrize(
    ("text", "names"),
    [("flip, crop", ("flip", "crop")), ("none", ()), ("", ()), ("randaugment", ("randaugment",))],
)
def test_presets_of_augmentation(text, names):
    assert build(CnnConfig, {"augment": text}).augment == names


@pytest.mark.parametrize("text", ["flipp", "flip,flip", "none,flip"])
def test_other_presets_are_refused(text):
    message = "augment: expected none, or some of flip, crop, rotate, .*, each once"
    with pytest.raises(UsageError, match=message):
        build(CnnConfig, {"augment": text})


def test_dropout_may_be_left_to_the_architecture():
    assert build(CnnConfig).dropout is None
    assert build(CnnConfig, {"dropout": "0"}).dropout == 0
    assert build(CnnConfig, {"dropout": "none"}).dropout is None


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"metrics": ""}, "metrics"),
        ({"norm": "instance"}, "norm: expected one of auto, none, batch, layer, group"),
        ({"label_smoothing": "1"}, "label_smoothing: expected a number"),
        ({"magnitude": "31"}, "magnitude: expected a whole number"),
        ({"mixup": "-1"}, "mixup: expected a number"),
    ],
)
def test_values_beyond_the_limits_are_one_line(keys, message):
    with pytest.raises(UsageError, match=message) as caught:
        build(CnnConfig, keys)
    assert "\n" not in str(caught.value)
