"""Groups of words from files and from analogies."""

from __future__ import annotations

import pytest
from word_samples import related_vectors

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import columns, known, read_groups, relations
from nntasks.plugins.embedding_analysis.measures.outliers import (
    read_tests,
)
from nntasks.plugins.embeddings.questions import analogies


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_groups, "a b c\n", "line 1: expected `name: word word ...`"),
        (read_groups, "a: b\na: c\n", "line 2: expected another name than 'a'"),
        (read_groups, "# nothing\n", "contains no groups"),
        (read_tests, "a: b c d\n", "outliers"),
        (read_tests, "a: b c |\n", "outliers"),
        (read_groups, None, "cannot read groups"),
    ],
)
def test_wrong_files_of_groups_name_what_is_wrong(tmp_path, reader, text, message):
    path = tmp_path / "groups.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        reader(path)


def test_groups_of_the_analogies_at_hand():
    vectors = related_vectors(pairs=4)
    rows = [("LEFT0", "right0", "LEFT1", "Right1"), ("LEFT0", "right0", "gone", "right2")]
    (found,) = relations(analogies("side", rows), vectors)
    assert found.pairs == [("LEFT0", "right0"), ("LEFT1", "Right1")]
    assert columns([found]) == {"side (1)": ["LEFT0", "LEFT1"], "side (2)": ["right0", "Right1"]}
    assert known({"g": ["nobody"], "h": ["Other1", "other1", "right1"]}, vectors) == {
        "h": ["other1", "right1"]
    }
