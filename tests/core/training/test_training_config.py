"""The keys of training: their ranges, and that every range ends at a line that names the key."""

from __future__ import annotations

import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.training.config import LoopConfig, ScheduleConfig, TrainingConfig


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", -1),
        ("patience", -1),
        ("evaluation_batch", 0),
        ("checkpoint_seconds", -0.5),
        ("lr", 0),
        ("momentum", 1),
        ("lr_final", 1.5),
        ("step_factor", 1),
        ("schedule", "sine"),
        ("optimizer", "lion"),
        ("beta2", 1.0),
        ("ema", 1),
        ("clip", -1),
        ("replicas", 0),
        ("accumulate", 0),
        ("precision", "float8"),
        ("deterministic", "always"),
    ],
)
def test_a_value_outside_its_range_names_the_key(key, value):
    with pytest.raises(UsageError) as told:
        build(TrainingConfig, {key: value})
    assert str(told.value).startswith(key)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("epochs", 0), ("ema", 0), ("clip", 0), ("validate_every", 0), ("momentum", 0), ("lr", 100)],
)
def test_the_ends_of_ranges_are_taken(key, value):
    assert getattr(build(TrainingConfig, {key: value}), key) == value


def test_text_is_read_as_the_command_line_gives_it():
    config = build(
        TrainingConfig, {"lr": "3e-4", "nesterov": "false", "pretrained": "w.safetensors"}
    )
    assert (config.lr, config.nesterov, str(config.pretrained)) == (3e-4, False, "w.safetensors")


@pytest.mark.parametrize(("schema", "key"), [(LoopConfig, "lr"), (ScheduleConfig, "optimizer")])
def test_a_loop_without_an_update_rule_has_no_keys_of_one(schema, key):
    with pytest.raises(UsageError, match=f"unknown key {key}"):
        build(schema, {key: "1"})
