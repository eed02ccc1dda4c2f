"""Files of counts: numbers that no array can hold are refused by their line."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.count_files import with_counts
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.fixture
def vectors():
    return KeyedVectors.of(["king", "new york"], np.ones((2, 2), np.float32))


def test_the_largest_count_is_taken(tmp_path, vectors):
    (tmp_path / "c.txt").write_text(f"king {10**18 - 1}\nnew york 2\nzebra 3\n")
    assert with_counts(vectors, tmp_path / "c.txt").counts.tolist() == [10**18 - 1, 2]


@pytest.mark.parametrize("count", [str(10**18), "9" * 5000, "-1", "1.5", "\u0661", "x", "\u00b2"])
def test_what_is_no_count_is_named(tmp_path, vectors, count):
    (tmp_path / "c.txt").write_text(f"new york 2\nking {count}\n")
    with pytest.raises(UsageError, match="line 2: expected a word and its count, below 10"):
        with_counts(vectors, tmp_path / "c.txt")
