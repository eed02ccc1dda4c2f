"""Class names that two classes share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.plugins.yolo_detect.data.unique_names import unique_names

PATH = Path("truth.json")


def test_different_names_stay_as_they_are(caplog):
    assert unique_names(PATH, ["cat", "dog"], [3, 1]) == ("cat", "dog")
    assert caplog.text == ""


def test_shared_names_get_their_numbers_and_a_warning(caplog):
    names = unique_names(PATH, ["cat", "dog", "cat", "cat"], [4, 5, 9, 11])
    assert names == ("cat (4)", "dog", "cat (9)", "cat (11)")
    assert "truth.json: 3 classes share the name 'cat'; they are kept apart, by number" in (
        caplog.text
    )


def test_a_name_with_the_number_of_another_class_is_told_apart_again():
    names = unique_names(PATH, ["cat", "cat", "cat (1)"], [1, 2, 3])
    assert names == ("cat (1) (1)", "cat (2)", "cat (1) (3)")


@pytest.mark.filterwarnings("ignore")
@examples(60)
@given(st.lists(st.sampled_from(["a", "a (0)", "a (1)", "a (0) (0)", "b"]), max_size=8))
def test_names_are_unique_and_begin_as_given(given_names):
    found = unique_names(PATH, given_names, range(len(given_names)))
    assert len(set(found)) == len(given_names)
    assert all(one.startswith(name) for one, name in zip(found, given_names, strict=True))
