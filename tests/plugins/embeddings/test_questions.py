"""Questions and their files."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.questions import (
    QuestionSplit,
    analogies,
    read_analogies,
    read_pairs,
)
from nntasks.testing import check_plugin

ROWS = [("paris", "france", "rome", "italy"), ("rome", "italy", "paris", "france")]


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_analogies, "a b c d e\n", "line 1: expected four words or `: section`"),
        (read_analogies, ": s\na b c\n", "line 2: expected four words or `: section`, got 'a b c'"),
        (read_analogies, ": s\n", "holds no analogies"),
        (read_pairs, "a\tb\n", "line 1: expected two words and a score"),
        (read_pairs, "a\tb\tnan\n", "line 1: expected two words and a score"),
        (read_pairs, "# nothing\n", "holds no pairs"),
    ],
)
def test_wrong_files_of_questions_name_the_line(tmp_path, reader, text, message):
    path = tmp_path / "q.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        reader(path)


def test_two_questions_of_one_id_are_refused():
    with pytest.raises(UsageError, match="'analogy/s/1'"):
        QuestionSplit(analogies("s", ROWS[:2]) + analogies("s", ROWS[:1]))


def test_the_plugin_is_healthy():
    check_plugin("embeddings")


PUBLISHED = {
    "WordSim-353": "Word 1,Word 2,Human (mean)\nlove,sex,6.77\ntiger,cat,7.35\n",
    "WordSim-353, tabs": "Word 1\tWord 2\tHuman (mean)\nlove\tsex\t6.77\ntiger\tcat\t7.35\n",
    "SimLex-999": "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\tconcQ\tAssoc(USF)\tSimAssoc333"
    "\tSD(SimLex)\nlove\tsex\tN\t6.77\t2.7\t2.8\t2\t7.2\t1\t0.4\ntiger\tcat\tN\t7.35\t2.6\t2\t2\t7\t1\t0.7\n",
    "SimVerb": "love\tsex\tV\t6.77\tSYNONYMS\ntiger\tcat\tV\t7.35\tNONE\n",
    "RareWords": "love\tsex\t6.77\t6\t7\t6\ntiger\tcat\t7.35\t8\t7\t7\n",
    "RG-65": "love;sex;6.77\ntiger;cat;7.35\n",
    "MEN": "love sex 6.77\ntiger cat 7.35\n",
    "quoted": '"Word 1","Word 2","Score"\n"love","sex","6.77"\n"tiger","cat","7.35"\n',
    "a mark and comments": "\ufeff# a list\nlove\tsex\t6.77\n\ntiger\tcat\t7.35\n",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_lists_of_pairs_as_their_authors_publish_them(tmp_path, name):
    (tmp_path / "list.csv").write_text(PUBLISHED[name], encoding="utf-8")
    found = read_pairs(tmp_path / "list.csv")
    assert [(p.first, p.second, p.score) for p in found] == [
        ("love", "sex", 6.77),
        ("tiger", "cat", 7.35),
    ]


@pytest.mark.parametrize("text", ["a\tb\tx\nc\td\t1\n", "word1\tword2\tscore\n", "a,b\n"])
def test_a_first_line_that_is_no_pair_is_not_passed_over(tmp_path, text):
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(UsageError, match="line 1: expected two words and a score"):
        read_pairs(tmp_path / "list.txt")


def test_analogies_without_sections_belong_to_one_named_as_the_file(tmp_path):
    (tmp_path / "capitals.txt").write_text("a b c d\na,b,e,f\n: other\ng\th\ti\tj\n")
    found = read_analogies(tmp_path / "capitals.txt")
    assert [question.section for question in found] == ["capitals", "capitals", "other"]
    assert found[1].d == "f"
