"""Faults are told at once, in one line."""

from __future__ import annotations

import pytest

from nntasks.datasets.faults import Faults, one_line
from nntasks.errors import UsageError


def test_nothing_is_refused_without_faults():
    Faults().refuse()


def test_one_fault_stands_alone_and_many_are_counted():
    faults = Faults()
    faults.add("a.txt: first")
    with pytest.raises(UsageError, match=r"^a\.txt: first$"):
        faults.refuse()
    faults.add("b.txt: second")
    with pytest.raises(UsageError, match=r"^2 faults in the data: a\.txt: first; b\.txt: second$"):
        faults.refuse()
    for number in range(23):
        faults.add(f"c.txt, line {number}")
    with pytest.raises(UsageError, match=r"^25 faults in the data, the first 20: ") as caught:
        faults.refuse()
    assert str(caught.value).endswith("; c.txt, line 17")


def test_names_of_files_cannot_break_the_line():
    assert one_line("a\nb\x1b[31m \u2028 \u00e9") == "a\\nb\\x1b[31m \\u2028 \u00e9"
