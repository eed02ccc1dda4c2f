"""Wikipedia as training text: one document, and the public questions if they are asked."""

from __future__ import annotations

import pytest

from nntasks.errors import MissingError
from nntasks.plugins.embeddings.data import EmbeddingEval
from nntasks.plugins.word2vec.data.wikipedia import Wikipedia, WikipediaOptions


def loaded(root, **keys):
    return Wikipedia(WikipediaOptions(**keys), None).load(root)


def test_the_text_is_one_sentence_in_the_data_s_folder(tmp_path):
    train = loaded(tmp_path, questions=False).train
    assert train.paths(tmp_path / "cache") == (tmp_path / "enwiki_text8style.xz",)
    assert train.reading.sentence == "document"


def test_without_questions_no_other_data_are_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path))
    splits = loaded(tmp_path, questions=False)
    assert splits.validation is None
    assert len(splits.test) == 0
    assert splits.info.details == {"sections": [], "sets": []}
    with pytest.raises(MissingError, match="embedding_eval"):
        loaded(tmp_path)


def test_the_public_questions_are_asked(tmp_path, monkeypatch):
    texts = (": towns\na b c d\n", "a\tb\t1\n", "c\td\t2\n")
    for file, text in zip(EmbeddingEval.files, texts, strict=True):
        (tmp_path / file.path).write_text(text)
    monkeypatch.setattr(
        "nntasks.plugins.word2vec.data.wikipedia.DataStore.require", lambda *_: tmp_path
    )
    splits = loaded(tmp_path)
    assert splits.info.details["sections"] == ["towns"]
    assert splits.info.details["sets"] == ["wordsim353", "simlex999"]
    assert splits.validation is splits.test
    assert splits.test.batch(range(3)).targets == ["d", 1.0, 2.0]
