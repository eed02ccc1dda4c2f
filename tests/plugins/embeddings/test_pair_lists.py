"""Lists of pairs with cells that no list has."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.pair_lists import rows_of

LONG = "b" * 200_000


@pytest.mark.parametrize(
    "lines", [[f"a,{LONG},3"], ["a,b,3", f"{LONG},c,4"], [f'"{LONG}', "a,b,3"]]
)
def test_a_cell_too_long_for_any_word_is_named_by_its_line(lines):
    number = 1 + ["b" * 9 in line for line in lines].index(True)
    with pytest.raises(UsageError, match=f"x.csv, line {number}: expected two words and a score"):
        list(rows_of(lines, Path("x.csv")))
