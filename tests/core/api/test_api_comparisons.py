"""What comparisons, ablations and searches show: their tables by name, and their conclusions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from nntasks.api.comparisons import Ablated, Compared, Tuned
from nntasks.experiments.space import Choice
from nntasks.experiments.study import Search
from nntasks.interfaces.report_data import Table

TABLES = [Table("metrics", "All metrics", ("metric", "a"), [("accuracy", 0.5)])]


def compared(sentences=("a < b.",), tables=TABLES):
    groups = {"a": {"accuracy": {0: 0.5}}}
    return Compared(
        SimpleNamespace(tables=tables, sentences=sentences, to_dict=lambda: {"groups": groups})
    )


def test_a_comparison():
    found = compared()
    assert found.tables["metrics"] == [{"metric": "accuracy", "a": 0.5}]
    assert found.groups == {"a": {"accuracy": {0: 0.5}}}
    assert repr(found) == "a < b."
    page = found._repr_html_()
    assert "a &lt; b." in page
    assert "<td>0.5000</td>" in page


def test_without_a_conclusion_the_tables_are_named():
    assert repr(compared(())) == "<Compared: metrics>"


def test_an_empty_table_is_not_shown():
    assert "<table>" not in compared(tables=[Table("t", "none", ("a",), [])])._repr_html_()


def test_an_ablation():
    done = Ablated(
        SimpleNamespace(tables=TABLES, sentences=["one"], folder=Path("f"), results={"a": 1})
    )
    assert (done.folder, done.results, repr(done)) == (Path("f"), {"a": 1}, "one")


TRIAL = {"trial": 0, "state": "complete", "accuracy": 0.5, "width": "4", "problem": ""}


@pytest.mark.parametrize("best", [{}, {"best": {"keys": {"width": "4"}}}])
def test_a_search(best, monkeypatch):
    from nntasks.experiments import tuning_report

    monkeypatch.setattr(tuning_report, "tables", lambda search, results: TABLES)
    monkeypatch.setattr(tuning_report, "sentences", lambda results: ["width=4 is best."])
    search = Search("toy", {}, {"width": Choice(("4", "8"))}, "accuracy", Path("runs"))
    found = Tuned(search, {"trials": [TRIAL], **best})
    assert found.folder == search.folder
    assert found.best == best.get("best", {}).get("keys", {})
    assert list(found.trials) == [TRIAL]
    assert repr(found) == "width=4 is best."
