"""Conditions and orders, and what is wrong with them."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.run_list.conditions import ordered, select
from nntasks.run_list.finding import find


def names(runs):
    return "".join(run.path.name[-1] for run in runs)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["dice>0.9"], "2"),
        (["dice >= 0.9"], "32"),
        (["dice<0.9", "loss=focal"], "1"),
        (["loss=focal"], "b31"),
        (["loss!=focal"], "2a"),
        (["state=failed"], "b"),
        (["state=damaged"], "c"),
        (["task=toy", "seed=3"], "3"),
        (["iou>0.46"], "2"),  # the metric
        (["config.iou=0.50"], "321"),  # the key
        (["layers=64,10"], "321"),
        (["layers=64"], "321"),
        (["residual=yes"], "a"),
        (["residual=false"], ""),
        (["undefined=none"], "321"),
        (["undefined>0"], ""),
        (["date>2026-11-22"], "cb32"),
        (["model=net"], "321a"),
    ],
)
def test_conditions(out, conditions, expected):
    assert names(select(find(out), conditions)) == expected


def test_tags(out):
    (out / "toy" / "20261121-120000-000001" / "tags.txt").write_text("best\npaper-1\n")
    assert names(select(find(out), ["tag=best"])) == "1"
    assert names(select(find(out), ["tags=paper-1", "tag!=old"])) == "1"
    assert names(select(find(out), ["tag!=best", "state=finished"])) == "32a"


@pytest.mark.parametrize(
    ("key", "reverse", "expected"),
    [
        ("dice", False, "231acb"),
        ("dice", True, "a132cb"),
        ("loss", False, "a2b31c"),
        ("seed", False, "321acb"),
        ("date", True, "cb321a"),
    ],
)
def test_orders(out, key, reverse, expected):
    assert names(ordered(find(out), key, reverse=reverse)) == expected


@pytest.mark.parametrize("text", ["dice", "=3", "dice>>3", "dice == 3", "a b=3", ""])
def test_no_condition(out, text):
    with pytest.raises(UsageError, match=r"--where: expected KEY=VALUE, .* got "):
        select(find(out), [text])


def test_an_unknown_key(out):
    with pytest.raises(UsageError, match=r"^--where: no run has 'dicee'\. Did you mean 'dice'\?"):
        select(find(out), ["dicee>1"])
    with pytest.raises(
        UsageError, match=r"^--sort: no run has 'q'\. Metrics and keys .*: loss, dice, "
    ):
        ordered(find(out), "q")
    assert select([], ["dize>1"]) == []


@pytest.mark.parametrize("text", ["dice>abc", "dice <= nan", "seed<fast"])
def test_a_number_is_not_ordered_by_a_text(out, text):
    key = text.split("<")[0].split(">")[0].strip()
    with pytest.raises(UsageError, match=rf"^--where: {key} is a number; expected a number after"):
        select(find(out), [text])
    assert select(find(out), ["task>abc"])
