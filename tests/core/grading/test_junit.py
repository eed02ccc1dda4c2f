"""Grades in the XML of JUnit: a suite for each exercise, and text that XML can have."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nntasks.grading.examination import Verdict
from nntasks.grading.grades import Grade, Grades
from nntasks.grading.junit import to_junit


def parsed(*verdicts, file="f.py"):
    return ElementTree.fromstring(to_junit(Grades(file, [Grade("mean", "5_2", verdicts)], 1, "")))


def test_suites_cases_and_points():
    root = parsed(Verdict("values", 2), Verdict("axis", 1, "expected <3> & more"))
    assert (root.tag, root.get("name")) == ("testsuites", "f.py")
    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("mean", "2", "1")
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert properties == {"assignment": "5_2", "points": "2", "of": "3"}
    right, wrong = suite.iter("testcase")
    assert (right.get("classname"), right.get("name"), len(right)) == ("mean", "values", 0)
    assert [one.get("message") for one in wrong] == ["expected <3> & more"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x00b", "a?b"), ("\x1b[31m", "?[31m"), ("\ud800", "?"), ("\uffff", "?"), ("é 🙂", "é 🙂")],
)
def test_characters_that_xml_cannot_have(text, shown):
    root = parsed(Verdict(text, 1, f"{text}!"), file=text)
    (case,) = root.iter("testcase")
    assert (root.get("name"), case.get("name")) == (shown, shown)
    assert case[0].get("message") == f"{shown}!"
