"""The encoded corpus on the disk: what is damaged is told."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus import CorpusOptions, EncodedCorpus, encode

TEXT = "ein zwei drei vier\nzwei drei vier\n" * 20


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    return encode(tmp_path / "text.txt", tmp_path / "out", CorpusOptions())


@pytest.mark.parametrize(
    ("name", "numbers", "message"),
    [
        ("tokens.npy", np.full(140, 4, np.int32), "a number of no word"),
        ("tokens.npy", np.full(140, -1, np.int32), "a number of no word"),
        ("tokens.npy", np.zeros(140, np.int32), "as often as"),
        ("tokens.npy", np.zeros(70, np.int64), r"tokens\.npy"),
        ("counts.npy", np.array([60, 60, 60, 20]), "in sum"),
        ("sentences.npy", np.r_[0, np.zeros(39, int), 140], "an end before its beginning"),
        ("sentences.npy", np.arange(41), "as last number"),
    ],
)
def test_numbers_that_cannot_be_are_told(corpus, tmp_path, name, numbers, message):
    assert (len(corpus), len(corpus.words), len(corpus.sentences)) == (140, 4, 41)
    np.save(tmp_path / "out" / name, numbers)
    with pytest.raises(UsageError, match=f"damaged .*{message}"):
        EncodedCorpus.open(tmp_path / "out")


def test_any_stretch_is_read_from_the_file(corpus):
    assert corpus.numbers(0, 7).tolist() == corpus.tokens[:7].tolist()
    assert corpus.numbers(133, 140).tolist() == corpus.tokens[133:].tolist()
    assert corpus.numbers(9, 9).size == 0


def test_another_version_is_told(corpus, tmp_path):
    header = tmp_path / "out" / "corpus.json"
    header.write_text(header.read_text().replace('"version": 1', '"version": 9'))
    with pytest.raises(UsageError, match=r"corpus\.json: expected version 1 of an encoded text"):
        EncodedCorpus.open(tmp_path / "out")
