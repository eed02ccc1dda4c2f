"""The task: the encoded corpus and its cache, explanations, vectors of a file."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import PluginError, RunFailed
from nntasks.interfaces import DataInfo, Splits
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.texts import EncodedText
from nntasks.runner import make_task

VECTORS = KeyedVectors.of(
    ["man", "king", "woman", "queen"],
    np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]], np.float32),
)


@pytest.fixture
def text(tmp_path):
    (tmp_path / "a.txt").write_text("The cat\nthe dog\n" * 5)
    return tmp_path / "a.txt"


def task(text, **keys):
    cache = text.parent / "cache"
    layer = {"data": "text", "data.path": str(text), "cache": str(cache), "save": "", **keys}
    return make_task("word2vec", [layer])


def test_the_corpus_is_encoded_as_the_keys_say(text):
    splits = task(text, **{"data.lowercase": "yes", "max_vocabulary": "2"}).load_data()
    assert isinstance(splits.train, EncodedText)
    assert splits.train.corpus.words == ["the", "cat"]
    assert splits.info.details["vocabulary"] == 2


def test_the_same_keys_open_the_same_encoding_and_others_another(text):
    folders = [
        task(text, **keys).load_data().train.corpus.folder
        for keys in ({}, {"lr": "0.1"}, {"min_count": "2"})
    ]
    assert folders[0] == folders[1] != folders[2]
    assert all(folder.parent == text.parent / "cache" for folder in folders)


def test_weights_need_no_text(text, tmp_path):
    write_vectors(VECTORS, tmp_path / "v.bin")
    splits = task(text, weights=str(tmp_path / "v.bin")).load_data()
    assert splits.train is None
    assert not (text.parent / "cache").exists()


def test_a_cache_that_cannot_be_written_is_one_line(text):
    (text.parent / "cache").write_text("a file")
    with pytest.raises(RunFailed, match=r"cannot write encoded corpora to .*choose another"):
        task(text, cache=str(text.parent / "cache" / "deep")).load_data()


def test_data_that_are_no_corpus_are_a_fault_of_their_plugin(text, monkeypatch):
    owner = task(text)
    other = Splits([1, 2], None, [], DataInfo())
    monkeypatch.setattr("nntasks.interfaces.Task.load_data", lambda self: other)
    with pytest.raises(PluginError, match=r"data set 'text': expected the train split .* got list"):
        owner.load_data()


def test_a_vector_file_is_a_model_that_answers_and_explains(text, tmp_path):
    write_vectors(VECTORS, tmp_path / "v.bin")
    owner = task(text)
    model = owner.load_model(tmp_path / "v.bin", None)
    assert model.vectors.words == VECTORS.words
    options = owner.ExplainOptions(analogy=("man", "woman"))
    assert "queen" in str(owner.explain(model, "king", options))
    assert owner.explain(model, "king", owner.ExplainOptions()).rank == 2


def test_every_key_worth_tuning_is_a_key_of_the_task(text):
    owner = task(text)
    assert set(owner.search_space()) <= set(type(owner.config).model_fields)
