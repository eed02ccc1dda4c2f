"""Objects are taken apart and made again without a call of what their class defines."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from nntasks.runner.empty_objects import attributes, made_of


class Refuses:
    """Fails in whatever would run its code."""

    def __new__(cls, *_):
        raise AssertionError("__new__ was called")

    def __init__(self):
        raise AssertionError("__init__ was called")

    def __setattr__(self, name, value):
        raise AssertionError("__setattr__ was called")


class Slotted:
    __slots__ = ("left", "right")


class Below(Slotted):
    __slots__ = ("__dict__", "more")


@dataclass(frozen=True)
class Frozen:
    number: int


class Point(NamedTuple):
    x: int
    y: int


class Named(dict):
    def __setitem__(self, key, value):
        raise AssertionError("__setitem__ was called")

    def __init__(self):
        raise AssertionError("__init__ was called")


class Grown(list):
    def extend(self, values):
        raise AssertionError("extend was called")


class Word(str):
    def __new__(cls, *_):
        raise AssertionError("__new__ was called")


def test_nothing_of_the_class_is_called():
    made = made_of(Refuses, {"a": 1})
    assert type(made) is Refuses
    assert vars(made) == {"a": 1}


def test_slots_of_all_bases_and_the_dictionary():
    whole = Below()
    whole.left, whole.more, whole.free = 1, 2, 3
    found = attributes(whole)
    assert {name: found[name] for name in ("left", "more", "free")} == {
        "left": 1,
        "more": 2,
        "free": 3,
    }
    assert "right" not in found  # it was never set
    again = made_of(Below, {"left": 1, "more": 2, "free": 3})
    assert (again.left, again.more, again.free) == (1, 2, 3)
    assert not hasattr(again, "right")


@pytest.mark.parametrize("value", [Frozen(3), Point(1, 2)])
def test_a_value_comes_back_equal(value):
    made = made_of(type(value), attributes(value))
    assert type(made) is type(value)
    assert made == value


@pytest.mark.parametrize(("kind", "content"), [(Named, {"a": 1}), (Grown, [1, 2]), (Word, "text")])
def test_what_a_class_holds_comes_back_past_its_methods(kind, content):
    made = made_of(kind, {"": content, "note": "n"})
    assert type(made) is kind
    assert made == content
    assert made.note == "n"
    assert attributes(made) == {"": content, "note": "n"}


@pytest.mark.parametrize(
    "value", [Counter("aab"), OrderedDict(b=1, a=2), deque([1, 2])], ids=lambda v: type(v).__name__
)
def test_the_collections_of_python(value):
    content = {"": dict(value) if isinstance(value, dict) else list(value)}
    made = made_of(type(value), content)
    assert type(made) is type(value)
    assert made == value


def test_a_mapping_with_a_default_holds_what_it_held():
    assert attributes(defaultdict(int, a=1))[""] == {"a": 1}
