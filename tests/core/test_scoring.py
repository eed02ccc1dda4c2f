"""Scoring from Python, and what a broken scorer gives."""

from __future__ import annotations

import math
import sys

import pytest

import nntasks
from nntasks import FoundScores, Scores
from nntasks.errors import MissingError, PluginError
from nntasks.scoring import score


def test_paths_and_names(tmp_path, toy):
    truth, found = tmp_path / "truth.txt", tmp_path / "mine.v2.txt"
    truth.write_text("a b")
    found.write_text("a c")
    assert score("toy", truth, found).found[0].name == "mine"
    assert score("toy", str(truth), [str(found)]).found[0].name == "mine"
    scores = score("toy", truth, {"first": found, "second": truth}, options={"ignore_case": True})
    assert [one.name for one in scores.found] == ["first", "second"]
    assert scores.found[1].conventions["lines"]["accuracy"] == 1
    with pytest.raises(MissingError, match=r"truth: there is no file or folder"):
        score("toy", tmp_path / "none", found)


def test_the_public_call_has_options_as_keywords(tmp_path, toy):
    (tmp_path / "truth").write_text("a b")
    (tmp_path / "found").write_text("A b")
    scores = nntasks.score("toy", tmp_path / "truth", tmp_path / "found", ignore_case=True)
    assert scores.found[0].conventions["lines"]["accuracy"] == 1


def test_a_failing_scorer_is_blamed_on_its_plugin(tmp_path, toy):
    (tmp_path / "empty").write_text("")
    with pytest.raises(PluginError, match=r"plugin 'toy'.*cannot score: ZeroDivisionError"):
        score("toy", tmp_path / "empty", tmp_path / "empty")


def test_a_frame_needs_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingError, match="pip install pandas"):
        Scores("toy", []).to_frame()


def test_results_as_a_frame():
    pandas = pytest.importorskip("pandas")
    scores = Scores("toy", [FoundScores("a", {"coco": {"map50": 0.5, "map75": math.nan}})])
    frame = scores.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.columns.tolist() == ["name", "convention", "number", "value"]
    assert frame.loc[0].tolist() == ["a", "coco", "map50", 0.5]
