"""Texts of users: files, folders, patterns, and their questions."""

from __future__ import annotations

import os

import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.word2vec.data.files import TextFiles, TextOptions


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """A working folder with three texts."""
    for name in ("b.txt", "a.txt", "deep/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("some words\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(**keys):
    return TextFiles(build(TextOptions, keys, prefix="data."), None).load(None)


def paths(word, folder):
    found = loaded(path=word).train.paths(folder)
    return [os.path.relpath(path, folder) for path in found]


def test_files_folders_and_patterns_in_the_order_asked(texts):
    assert paths("b.txt,a.txt", texts) == ["b.txt", "a.txt"]
    assert paths("deep,*.txt", texts) == ["deep", "a.txt", "b.txt"]
    assert paths("**/*.txt", texts) == ["a.txt", "b.txt", "deep/c.txt"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(texts):
    (texts / "[ab].txt").write_text("x")
    assert paths("[ab].txt", texts) == ["[ab].txt"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("", "data.path: expected text files, folders or patterns, got none"),
        ("none*", r"data.path: expected a file, a folder or a pattern, found none at none\*"),
        ("a.txt,z.txt", "found none at .*z.txt"),
    ],
)
def test_what_is_not_there_is_one_line(texts, word, message):
    with pytest.raises(UsageError, match=message):
        loaded(path=word)


def test_the_options_say_how_text_becomes_words(texts):
    options = {"sentence": "document", "lowercase": "yes", "encoding": "latin-1"}
    reading = loaded(path="a.txt", **options).train.reading
    assert (reading.sentence, reading.lowercase) == ("document", True)
    assert (reading.encoding, reading.errors) == ("latin-1", "strict")


def test_without_questions_there_is_no_validation(texts):
    splits = loaded(path="a.txt")
    assert splits.validation is None
    assert len(splits.test) == 0


def test_analogies_and_pairs_are_asked_in_validation_and_test(texts):
    (texts / "capitals").write_text(": towns\na b c d\n")
    (texts / "mine.tsv").write_text("a\tb\t3\n")
    (texts / "yours.tsv").write_text("a\tb\t2\n")
    splits = loaded(path="a.txt", analogies="capitals", pairs="mine.tsv,yours.tsv")
    assert splits.info.details == {"sections": ["towns"], "sets": ["mine", "yours"]}
    assert splits.validation is splits.test
    assert splits.test.batch([0, 1]).targets == ["d", 3.0]
