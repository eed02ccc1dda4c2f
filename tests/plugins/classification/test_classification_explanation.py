"""The logit of a class as a sum of terms, by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.classification.explanation import Term, explain_sum

CLASSES = ("cat", "dog")
FEATURES = np.array([1.0, 2.0, 0.0, -1.0])
WEIGHT = np.array([[0.5, 1.0, 9.0, 2.0], [0.0, 1.0, 3.0, -1.0]])
BIAS = np.array([0.25, -0.5])
# cat: 0.25 + 0.5 + 2 + 0 - 2 = 0.75; dog: -0.5 + 0 + 2 + 0 + 1 = 2.5


def explained(label="", attention=None):
    return explain_sum("a.png", CLASSES, label, FEATURES, WEIGHT, BIAS, attention)


def test_the_most_probable_class_is_explained():
    told = explained()
    assert (told.label, told.logit, told.bias, told.units) == ("dog", 2.5, -0.5, 4)
    assert told.probability == pytest.approx(1 / (1 + math.exp(0.75 - 2.5)))
    assert list(told.classes) == ["dog", "cat"]
    assert sum(told.classes.values()) == pytest.approx(1)


def test_terms_are_sorted_by_size_and_those_of_zero_left_out():
    told = explained("cat")
    assert told.raising == (Term(1, 2.0, 1.0), Term(0, 1.0, 0.5))
    assert told.lowering == (Term(3, -1.0, 2.0),)
    assert told.lowering[0].share == -2
    assert told.bias + sum(t.share for t in (*told.raising, *told.lowering)) == told.logit


def test_only_the_largest_terms_are_listed():
    features, weight = np.arange(1.0, 9), np.array([[1.0] * 8, [-1.0] * 8])
    told = explain_sum("a", CLASSES, "cat", features, weight, np.zeros(2))
    assert [term.unit for term in told.raising] == [7, 6, 5, 4, 3]
    assert told.lowering == ()


def test_huge_logits_are_no_overflow():
    told = explain_sum("a", CLASSES, "", np.array([1e4]), np.array([[1.0], [-1.0]]), np.zeros(2))
    assert (told.label, told.probability) == ("cat", 1)


def test_an_unknown_class_is_refused():
    with pytest.raises(UsageError, match="label: expected one of cat, dog, got 'cow'"):
        explained("cow")


def test_the_text_has_the_sum_its_terms_and_the_evidence():
    text = str(explained("cat", ("conv5", np.array([[0.0, 0.55], [0.999, 1.0]]))))
    assert text.splitlines()[0] == "a.png"
    assert "cat: probability 0.148, logit 0.7500 = bias 0.2500 + 4 inputs" in text
    assert "  raised by   +2.0000 = 2.0000 x 1.0000  unit 1" in text
    assert "  lowered by  -2.0000 = -1.0000 x 2.0000  unit 3" in text
    assert "Grad-CAM of conv5" in text
    assert [line.strip(" ") for line in text.splitlines()[-2:]] == ["++", "@@@@"]


def test_a_missing_map_has_its_reason():
    assert "evidence" not in str(explained())
    told = replace(explained(), no_map="the picture is too small")
    assert str(told).splitlines()[-1] == "  evidence    no map: the picture is too small"


def test_json_values_have_all_fields():
    values = json.loads(json.dumps(explained("cat", ("conv5", np.eye(2))).to_dict()))
    assert values["raising"][0] == {"unit": 1, "value": 2.0, "weight": 1.0}
    assert values["looked_at"] == [[1, 0], [0, 1]]
    assert values["layer"] == "conv5"
