"""Grades in the XML of JUnit, which autograders and CI systems read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from nntasks.grading.grades import Grades

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(grades: Grades) -> str:
    """Return a test suite for each exercise, and a test case for each check."""
    root = ElementTree.Element("testsuites", name=_clean(grades.file))
    for grade in grades.grades:
        failed = sum(not verdict.passed for verdict in grade.verdicts)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_clean(grade.name),
            tests=str(len(grade.verdicts)),
            failures=str(failed),
        )
        _properties(suite, assignment=grade.assignment, points=grade.points, of=grade.most)
        for verdict in grade.verdicts:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_clean(grade.name), name=_clean(verdict.check)
            )
            if not verdict.passed:
                ElementTree.SubElement(case, "failure", message=_clean(verdict.problem))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _properties(suite: ElementTree.Element, **values: object) -> None:
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in values.items():
        ElementTree.SubElement(properties, "property", name=name, value=str(value))


def _clean(text: str) -> str:
    """Replace characters that XML cannot have; a student's message may hold any."""
    return _NOT_IN_XML.sub("?", text)
