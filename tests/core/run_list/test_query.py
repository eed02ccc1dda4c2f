"""Filter, sort and cut; unknown columns are refused."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.run_list.query import Query


def names(runs):
    return "".join(run.path.name[-1] for run in runs)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), "cb321a"),
        (Query(reverse=True), "a123bc"),
        (Query(["state=finished"], "dice", limit=2), "23"),
        (Query(["state=running"], "dice"), ""),
    ],
)
def test_queries(out, query, expected):
    assert names(query.answer(out)) == expected


def test_unknown_columns(out):
    with pytest.raises(UsageError, match="--columns: no run has 'dize'"):
        Query(columns=["dize"]).answer(out)
    with pytest.raises(UsageError, match="--sort: no run has 'dize'"):
        Query(["state=running"], "dize").answer(out)
