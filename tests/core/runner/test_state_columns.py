"""States come back as they were: values, types, and objects that several share."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter, OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.errors import PluginError, UsageError
from nntasks.runner.state_columns import Reader, Writer

OURS = frozenset((__name__.partition(".")[0],))


@dataclasses.dataclass(frozen=True)
class Pair:
    first: object
    second: object


class Slots:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


def again(values, packages=OURS):
    writer = Writer()
    node = json.loads(json.dumps(writer.column(values)))
    return Reader(writer.arrays, packages).column(node)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(PLAIN, max_size=6))
@examples(50)
def test_plain_data_comes_back(values):
    found = again(values)
    assert repr(found) == repr(values)  # the types as well, and -0.0


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.int16).reshape(2, 3)[:, ::2],
        np.zeros((0, 4)),
        np.array(3.5, np.float32),
        np.array(["a", "bcd"]),
        np.array([1 + 2j]),
        np.array([True, False]),
        np.array([1, 2], ">i4"),
    ],
)
def test_arrays_of_any_kind_come_back(array):
    (found,) = again([array])
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


def test_arrays_of_different_kinds_and_scalars_and_tensors():
    values = [np.ones((2, 2)), np.ones(3, np.int8), np.float32(0.1), np.int64(7)]
    found = again([*values, torch.tensor([1.5, 2.5])])
    assert [type(value) for value in found[:4]] == [type(value) for value in values]
    assert all(np.array_equal(a, b) for a, b in zip(found, values, strict=False))
    assert torch.equal(found[4], torch.tensor([1.5, 2.5]))


def test_what_is_shared_is_shared_again():
    array = np.arange(3)
    pair = Pair(array, {"a": (array, 1)})
    found = again([{"x": (pair, 0), "y": (pair, 1)}])[0]
    assert found["x"][0] is found["y"][0]
    assert found["x"][0].first is found["x"][0].second["a"][0] or np.array_equal(
        found["x"][0].first, found["x"][0].second["a"][0]
    )
    assert found["x"][0].second["a"][1] == 1


def test_objects_with_slots_and_of_several_classes():
    found = again([Slots(1), Pair(1, None), Slots("a")])
    assert [type(value) for value in found] == [Slots, Pair, Slots]
    assert (found[0].value, found[1], found[2].value) == (1, Pair(1, None), "a")


class Named(NamedTuple):
    name: str
    rows: np.ndarray


def test_named_tuples_and_mappings_of_collections():
    counts, default = Counter("abca"), defaultdict(list, {"a": [1]})
    found = again([Named("x", np.arange(2)), counts, OrderedDict(b=1, a=2), default])
    assert (type(found[0]), found[0].name, found[0].rows.tolist()) == (Named, "x", [0, 1])
    assert (type(found[1]), found[1]) == (Counter, counts)
    assert found[1]["z"] == 0
    assert (type(found[2]), list(found[2])) == (OrderedDict, ["b", "a"])
    assert found[3] == {"a": [1]}


@pytest.mark.parametrize(
    ("value", "reason"), [(len, "a builtin_function"), (np.array([{}]), "an array of objects")]
)
def test_what_cannot_be_stored_is_named(value, reason):
    with pytest.raises(PluginError, match=reason):
        again([value])


def test_no_class_of_another_package_is_made():
    with pytest.raises(UsageError, match=r"Pair, which is not a class of its metrics"):
        again([Pair(1, 2)], frozenset(("nntasks",)))
