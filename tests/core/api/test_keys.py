"""Python values as the words of the command line, which reads them back as they were."""

from __future__ import annotations

import pytest

from nntasks.api.keys import as_words, space_words
from nntasks.config import parse_overrides
from nntasks.experiments.key_fields import alternatives, fields_of
from nntasks.runner import make_task


def test_words_of_python_values():
    fields = fields_of(make_task("numpy_mlp", []))
    assert as_words(fields, {"hidden_sizes": (64, 10)}) == ["hidden_sizes=64,10"]
    assert as_words(fields, {"hidden_sizes": [(64, 10), (64, 32, 10)]}) == [
        "hidden_sizes=64,10:64,32,10"
    ]
    assert as_words(fields, {"lr": [0.1, 0.02], "epochs": 3}) == ["lr=0.1,0.02", "epochs=3"]
    assert as_words({}, {"a": ["x,y", "z"]}) == ['a="x,y",z']
    assert as_words({}, {"data_options": {"size": 8}, "norm": None, "residual": True}) == [
        "data.size=8",
        "norm=none",
        "residual=true",
    ]
    assert space_words(
        {"lr": "1e-4:1:log", "norm": ["a", "b"], "hidden_sizes": [(1, 2), (3,)]}
    ) == [
        "lr=1e-4:1:log",
        "norm=a,b",
        "hidden_sizes=1,2:3",
    ]


@pytest.mark.parametrize(
    "values", [["a", "b"], ["x,y", "z"], ['say "so"', "b"], ["", "b"], [1e-4, 0.5], ["a b", "c:d"]]
)
def test_alternatives_are_read_back(values):
    (word,) = as_words({}, {"key": values})
    given = parse_overrides([word])["key"]
    assert alternatives({}, "key", given) == [str(value) for value in values]


@pytest.mark.parametrize("values", [[(64, 10), (32,)], [(1,), (2,), (3, 4, 5)]])
def test_lists_of_lists_are_read_back(values):
    fields = fields_of(make_task("numpy_mlp", []))
    given = parse_overrides(as_words(fields, {"hidden_sizes": values}))["hidden_sizes"]
    found = alternatives(fields, "hidden_sizes", given)
    assert found == [",".join(map(str, one)) for one in values]


def test_options_in_a_mapping_and_by_their_full_names_are_the_same():
    nested = as_words({}, {"model_options": {"depth": 2}, "data_options": {"size": 8}})
    assert nested == as_words({}, {"model.depth": 2, "data.size": 8})


def test_a_range_of_a_space_stays_text():
    assert space_words({"lr": "1e-4:1e-1:log"}) == ["lr=1e-4:1e-1:log"]
