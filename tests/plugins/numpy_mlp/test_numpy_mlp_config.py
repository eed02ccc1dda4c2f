"""The keys of the task: defaults, limits, former names."""

from __future__ import annotations

import pytest

from nntasks import renaming
from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.config import NumpyConfig


def test_its_own_defaults_take_the_place_of_those_of_every_training():
    config = build(NumpyConfig)
    assert (config.data, config.model, config.metrics) == ("digits", "mlp", ("classification",))
    assert (config.epochs, config.batch_size, config.schedule) == (40, 64, "one_cycle")


def test_hidden_sizes_are_read_from_text_and_may_be_none():
    assert build(NumpyConfig, {"hidden_sizes": "64, 32"}).hidden_sizes == (64, 32)
    assert build(NumpyConfig, {"hidden_sizes": ""}).hidden_sizes == ()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("device", "cuda", "device: expected one of auto, cpu"),
        ("activation", "gelu", "activation: expected one of relu, sigmoid, tanh"),
        ("dropout", "1", "dropout: expected a number"),
        ("average", "-0.1", "average: expected a number"),
        ("shift", "9", "shift: expected a number"),
        ("hidden_sizes", "64,x", "hidden_sizes"),
        ("hiden_sizes", "64", "hidden_sizes"),
    ],
)
def test_other_values_are_one_line_with_the_key(key, value, message):
    with pytest.raises(UsageError, match=message) as caught:
        build(NumpyConfig, {key: value})
    assert "\n" not in str(caught.value)


def test_the_former_name_of_hidden_sizes_still_sets_them(caplog):
    renaming._tell_once.cache_clear()
    assert build(NumpyConfig, {"layers": "64"}).hidden_sizes == (64,)
    assert caplog.messages == ["layers is called hidden_sizes now"]
