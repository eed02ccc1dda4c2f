"""The verdict: sentences against chance and published values, and commands that can be typed."""

from __future__ import annotations

import math

import pytest

from nntasks.advice.evidence import Evidence
from nntasks.advice.judging import is_it_good, lines, verdict
from nntasks.interfaces.yardsticks import Reference, Threshold, Yardsticks
from nntasks.runner import start

CHANCE = Reference("accuracy", 0.1, "from always choosing the most frequent class")
LENET = Reference("accuracy", 0.9905, "LeNet-5")


def judged(value, ends, published=(), chance=CHANCE):
    run = Evidence("accuracy", value, ends, 359, yardsticks=Yardsticks(chance, published))
    return is_it_good(run)


@pytest.mark.parametrize(
    ("value", "ends", "words"),
    [
        (0.95, (0.92, 0.97), ", so the model is far better than chance."),
        (0.3, (0.25, 0.35), ", so the model is better than chance."),
        (0.11, (0.08, 0.14), ": 359 samples show no difference from chance."),
        (0.03, (0.01, 0.06), ", so the model is worse than chance."),
    ],
)
def test_chance(value, ends, words):
    (sentence,) = judged(value, ends)
    assert sentence.endswith(words)
    assert f"{value:.4f}" in sentence


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.992, 0.999), "above"),
        ((0.9, 0.98), "below"),
        ((0.985, 0.995), "does not differ clearly from"),
    ],
)
def test_published_values(ends, words):
    assert words in judged(sum(ends) / 2, ends, [LENET])[-1]


def test_where_nothing_is_known_nothing_is_said():
    assert judged(0.9, None) == []
    assert judged(0.9, (0.8, 1.0), chance=None) == []
    assert judged(math.nan, (0.8, 1.0)) == []
    assert judged(0.9, (0.8, 1.0), [Reference("map50", 0.5, "x")], chance=None) == []


def test_commands_change_one_key_of_the_run():
    threshold = Threshold("confidence", "mean F1", 0.25, 0.57, 0.8, 0.93)
    run = Evidence("map50", 0.9, yardsticks=Yardsticks(threshold=threshold))
    (advice,) = verdict(run, "nntasks run toy seed=0", "runs/toy/one two")["next"]
    assert advice["command"] == "nntasks evaluate 'runs/toy/one two' confidence=0.57"
    rising = [
        {"split": "validation", "epoch": n, "map50": value}
        for n, value in enumerate((0.1, 0.2, 0.4, 0.6), 1)
    ]
    run = Evidence("map50", 0.6, history=rising, keys={"epochs": 4})
    (advice,) = verdict(run, "nntasks run toy epochs=4 seed=0", "")["next"]
    assert advice["command"] == "nntasks run toy seed=0 epochs=8"


def test_lines_for_the_terminal():
    assert lines({"good": [], "next": []}) == lines({}) == []
    found = {
        "good": ["A.", "B."],
        "next": [{"finding": "C.", "command": "nntasks run x"}, {"finding": "D.", "command": ""}],
    }
    assert lines(found) == [
        "is it good: A. B.",
        "what next: C.",
        "  nntasks run x",
        "what next: D.",
    ]


@pytest.mark.parametrize(
    ("keys", "rules"),
    [
        ({"epochs": 6, "lr": 1e-3, "schedule": "constant"}, ["more epochs"]),
        (
            {"epochs": 6, "lr": 80, "optimizer": "sgd", "batch_norm": False},
            ["learning rate too high"],
        ),
        ({"epochs": 12}, []),
    ],
)
def test_real_runs(tmp_path, keys, rules):
    keys = {"hidden_sizes": "32", "batch_size": 256, **keys}
    result = start("numpy_mlp", [keys], out=tmp_path, quiet=True)
    found = result.summary["verdict"]
    assert [one["rule"] for one in found["next"]] == rules
    report = (result.folder / "report.html").read_text(encoding="utf-8")
    assert "<h3>Is it good?</h3>" in report
    assert report.index('id="verdict"') > report.index('id="reproduce"')
