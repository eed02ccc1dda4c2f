"""Scores as plain values and as a frame, and what a scorer must define."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest

from nntasks.config import Options
from nntasks.errors import MissingError
from nntasks.interfaces.scoring import FoundScores, ScorePage, Scorer, Scores

FOUND = FoundScores(
    "mine",
    {"coco": {"map": 0.5, "small": math.nan}, "voc": {"map": 0.25}},
    {"coco": {"map": (0.4, np.float64(0.6))}},
    {"tide": {"Cls": np.float32(0.5), 3: np.arange(2)}},
)


def test_plain_values_have_none_for_what_is_not_defined():
    scores = Scores("toy", [FOUND]).to_dict()
    assert scores == {
        "task": "toy",
        "found": [
            {
                "name": "mine",
                "conventions": {"coco": {"map": 0.5, "small": None}, "voc": {"map": 0.25}},
                "intervals": {"coco": {"map": [0.4, 0.6]}},
                "tide": {"Cls": 0.5, "3": [0, 1]},
            }
        ],
    }
    assert json.loads(json.dumps(scores)) == scores


def test_what_takes_time_is_computed_for_plain_values_alone():
    calls = []
    found = FoundScores("a", {}, late=lambda: calls.append(1) or {"errors": {"n": 1}})
    scores = Scores("toy", [found])
    assert calls == []
    assert scores.to_dict()["found"][0]["errors"] == {"n": 1}


def test_a_frame_has_a_row_for_each_number():
    frame = Scores("toy", [FOUND]).to_frame()
    assert list(frame.columns) == ["name", "convention", "number", "value"]
    assert frame["number"].tolist() == ["map", "small", "map"]
    assert math.isnan(frame["value"][1])


def test_without_pandas_there_is_no_frame(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingError, match="a DataFrame needs pandas"):
        Scores("toy", []).to_frame()


def test_a_page_has_no_tables_of_its_own_and_no_pictures_by_default():
    page = ScorePage("mine")
    assert page.tables() == ()
    assert page.browser is None


def test_a_scorer_scores():
    with pytest.raises(TypeError, match="score"):
        type("Bare", (Scorer,), {})(Options(), print)


def test_a_scorer_keeps_its_options_and_needs_a_truth_by_default():
    class Mine(Scorer):
        def score(self, task, truth, found):
            return Scores(task, [])

    told = []
    scorer = Mine(Options(), told.append)
    scorer.warn("a line")
    assert told == ["a line"]
    assert (Mine.own_truth, Mine.inputs) == (False, "a file or a folder")
