"""gensim's own tests of `KeyedVectors`, run on ours; and the page that compares the two."""

from __future__ import annotations

import inspect

import pytest
from command_line import ROOT

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vectors import KeyedVectors

theirs = pytest.importorskip("gensim.test.test_keyedvectors")
# Words in another encoding are an error of ours that names the word; no UnicodeDecodeError.
DIFFER = {"test_load_model_and_vocab_file_strict"}
TESTS = [
    name
    for name, _ in inspect.getmembers(theirs.TestKeyedVectors, inspect.isfunction)
    if name.startswith("test_")
]


def test_the_suite_is_there():
    assert len(TESTS) > 25
    assert set(TESTS) >= DIFFER


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted({*TESTS} - DIFFER))
def test_of_gensim(name, monkeypatch):
    monkeypatch.setattr(theirs, "KeyedVectors", KeyedVectors)
    monkeypatch.setattr(theirs.gensim.models, "KeyedVectors", KeyedVectors)
    case = theirs.TestKeyedVectors(name)
    case.setUp()
    assert isinstance(case.vectors, KeyedVectors)
    getattr(case, name)()


def test_words_in_another_encoding_are_named():
    case = theirs.TestKeyedVectors("test_most_similar")
    case.setUp()
    with pytest.raises(UsageError, match="expected UTF-8, but word 1 is"):
        KeyedVectors.load_word2vec_format(case.model_path, fvocab=case.vocab_path)


def test_every_method_of_gensim_is_on_the_page():
    page = (ROOT / "docs" / "gensim.md").read_text(encoding="utf-8")
    public = [
        name
        for name, value in inspect.getmembers(theirs.KeyedVectors)
        if callable(value) and not name.startswith("_")
    ]
    assert len(public) > 40
    assert [name for name in public if f"| `{name}` |" not in page] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_the_page_says_of_a_name_is_so():
    page = (ROOT / "docs" / "gensim.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    vectors = KeyedVectors(2)
    for name, said in ((row[1].strip(" `"), row[2].strip()) for row in rows):
        if name in dir(theirs.KeyedVectors):
            assert said in ("same", "differs", "refused"), name
            assert hasattr(vectors, name) == (said != "refused" or name == _CALLED), name


_CALLED = "similarity_unseen_docs"  # which gensim refuses when called, and so does ours
