"""What a YAML file says of the classes: every usual form, and contradictions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.yolo_yaml import class_names, keypoint_numbers

FILE = Path("data.yaml")


def names_of(**content: Any) -> tuple[str, ...] | None:
    faults = Faults()
    names = class_names(FILE, content, faults)
    faults.refuse()
    return names


@pytest.mark.parametrize(
    "content",
    [
        {"names": ["cat", "dog"]},
        {"names": {0: "cat", 1: "dog"}},
        {"names": {1: "dog", 0: "cat"}},
        {"names": {"0": "cat", "1": "dog"}, "nc": None},
        {"names": {0.0: "cat", "1": "dog"}, "nc": 2.0},
        {"names": ["cat", "dog"], "nc": 2},
        {"names": ["cat", "dog"], "nc": "2"},
    ],
)
def test_names(content: dict[str, Any]) -> None:
    assert names_of(**content) == ("cat", "dog")


def test_numbers_serve_as_names(caplog: pytest.LogCaptureFixture) -> None:
    assert names_of(nc="3") == ("0", "1", "2")
    assert "'nc' without 'names'" in caplog.text
    assert names_of(names=[7, 1.5]) == ("7", "1.5")


def test_a_shared_name_is_told_apart_by_number(caplog: pytest.LogCaptureFixture) -> None:
    assert names_of(names=["cat", "dog", "cat"]) == ("cat (0)", "dog", "cat (2)")
    assert "2 classes share the name 'cat'" in caplog.text
    assert len(set(names_of(names=["a", "a", "a (0)"]) or ())) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "expected the class names under 'names'"),
        ({"names": []}, "expected the class names"),
        ({"names": "cat, dog"}, r"as a list, such as \[cat, dog\]"),
        ({"names": {}}, "expected the class names"),
        ({"names": {0: "cat", 2: "dog"}}, "numbered 0 to 1 without gaps, got 0, 2"),
        ({"names": {1: "cat", 2: "dog"}}, "numbered 0 to 1 without gaps, got 1, 2"),
        ({"names": {0: "cat", "0": "dog"}}, "numbered 0 to 1 without gaps, got 0, '0'"),
        ({"names": {0: "cat", True: "dog"}}, "numbered 0 to 1 without gaps, got 0, True"),
        ({"names": ["yes", False]}, "name of class 1, got False; quote it"),
        ({"names": ["cat", None]}, "name of class 1, got None; quote it"),
        ({"names": ["cat"], "nc": 2}, "'nc' says 2 classes, but 'names' has 1"),
        ({"names": ["cat"], "nc": "2"}, "'nc' says 2 classes, but 'names' has 1"),
        ({"names": ["cat"], "nc": "two"}, "expected a whole number .* under 'nc', got 'two'"),
        ({"names": ["cat"], "nc": True}, "under 'nc', got True"),
        ({"nc": 0}, "expected a whole number from 1 to 10000"),
        ({"nc": 10**9}, "expected a whole number from 1 to 10000"),
    ],
)
def test_contradictions(content: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        names_of(**content)
    assert str(caught.value).startswith("data.yaml: ")


@pytest.mark.parametrize(
    ("shape", "numbers"), [(None, 0), ([17, 3], 51), (["4", 2], 8), ([17], -1), ("17", -1)]
)
def test_the_shape_of_keypoints(shape: Any, numbers: int) -> None:
    faults = Faults()
    found = keypoint_numbers(FILE, {"kpt_shape": shape}, faults)
    assert (found, faults.count) == ((numbers, 0) if numbers >= 0 else (0, 1))
