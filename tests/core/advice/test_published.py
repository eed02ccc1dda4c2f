"""The data sets' published values are those of the docs, and the verdict compares with them."""

from __future__ import annotations

import re

import pytest
from command_line import ROOT

from nntasks.advice.evidence import Evidence
from nntasks.advice.judging import is_it_good
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.plugins.yolo_detect.data.coco128 import Coco128, Coco128Config
from nntasks.registry import discover

PAGE = ROOT / "docs" / "verdict.md"
ROW = re.compile(r"^\| ([\w, ]+) \| (\w+) \| ([\d.]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def listed():
    """Return (data set, metric, value, what) of each row of the table that has a source."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {
        (name, metric, float(value), what)
        for names, metric, value, what, source in rows
        if source.strip()
        for name in names.split(", ")
    }


@pytest.fixture(scope="module")
def datasets():
    registry = discover()
    return {
        one.name: registry.resolve("datasets", one.name) for one in registry.entries("datasets")
    }


def test_the_table_of_the_docs_has_every_value_and_no_other(datasets):
    known = {
        (name, one.metric, one.value, one.what)
        for name, dataset in datasets.items()
        for one in dataset.published
    }
    assert len(known) >= 8
    assert listed() == known


def test_the_sets_that_the_page_calls_without_a_value_are(datasets):
    text = PAGE.read_text(encoding="utf-8").partition("There is no value for")[2]
    named = set(re.findall(r"`(\w+)`", text.partition("## ")[0]))
    assert {"digits", "pets", "wikipedia"} < named
    assert [name for name in named if datasets[name].published] == []


def test_values_for_val2017_are_not_held_against_other_photographs():
    assert Coco128.published_for(Coco128Config()) == Coco128.published
    assert Coco128.published_for(Coco128Config(test="train2017")) == ()


def test_a_run_on_known_data_is_compared_with_each_value(datasets):
    known = Yardsticks(published=datasets["mnist"].published)
    run = Evidence("accuracy", 0.98, (0.977, 0.983), 10_000, yardsticks=known)
    above, below = is_it_good(run)
    assert above.startswith(
        "The accuracy is above the 0.9695 of a network with 300 and 100 hidden units"
    )
    assert below == (
        "The accuracy is below the 0.9905 of LeNet-5 without distorted digits (LeCun et al. 1998)."
    )
