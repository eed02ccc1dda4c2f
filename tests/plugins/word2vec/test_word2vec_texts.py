"""Training corpora: texts that are there, generated ones, and encoded ones in pieces."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
from nntasks.plugins.word2vec.texts import EncodedText, MadeText, Reading, TextPaths


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """An encoded corpus of 2,000 words in sentences of different lengths."""
    folder = tmp_path_factory.mktemp("text")
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 40, 100)
    lines = [" ".join(f"w{number}" for number in rng.integers(0, 30, size)) for size in lengths]
    (folder / "text.txt").write_text("\n".join(lines))
    return EncodedText(encode(folder / "text.txt", folder / "encoded", CorpusOptions(min_count=1)))


def test_existing_files_stay_where_they_are(tmp_path):
    texts = TextPaths([tmp_path / "a"], Reading(lowercase=True))
    assert texts.paths(tmp_path / "cache") == (tmp_path / "a",)
    assert texts.reading.lowercase
    assert TextPaths([]).reading == Reading("line", "strict", False, "utf-8")


def test_generated_text_is_written_once(tmp_path):
    asked = []

    def lines():
        asked.append(1)
        return ["a b", "c"]

    texts = MadeText("made-3", lines)
    (path,) = texts.paths(tmp_path)
    assert path.name == "made-3.txt"
    assert path.read_text() == "a b\nc\n"
    assert texts.paths(tmp_path) == [path]
    assert asked == [1]


def test_a_batch_has_the_words_asked(text):
    batch = text.batch([5, 0, 5])
    assert batch.inputs.tolist() == [text.corpus.tokens[n] for n in (5, 0, 5)]
    assert (batch.inputs.dtype, batch.targets, batch.ids) == (np.int32, None, [5, 0, 5])
    assert len(text) == len(text.corpus.tokens)


def test_what_identifies_the_data_has_no_place(text, tmp_path):
    (tmp_path / "copy.txt").write_bytes((text.corpus.folder.parent / "text.txt").read_bytes())
    other = encode(tmp_path / "copy.txt", tmp_path / "encoded", CorpusOptions(min_count=1))
    assert other.fingerprint != text.corpus.fingerprint
    for ours, theirs in zip(text.contents(), EncodedText(other).contents(), strict=True):
        assert np.array_equal(ours, theirs)


def test_a_piece_by_hand(tmp_path):
    (tmp_path / "a.txt").write_text("a b c\na b\na\n")
    corpus = encode(tmp_path / "a.txt", tmp_path / "out", CorpusOptions(min_count=1))
    tokens, bounds = EncodedText(corpus).piece(1, 5)
    assert tokens.tolist() == [1, 2, 0, 1]
    assert bounds.tolist() == [0, 2, 4]
    assert EncodedText(corpus).piece(0, 6)[1].tolist() == [0, 3, 5, 6]


def test_pieces_hold_all_words_and_cut_sentences_only_at_their_ends(text):
    corpus, bounds = text.corpus, set()
    for start in range(0, len(text), 70):
        end = min(start + 70, len(text))
        tokens, sentences = text.piece(start, end)
        assert np.array_equal(tokens, corpus.tokens[start:end])
        assert (sentences[0], sentences[-1]) == (0, end - start)
        assert (np.diff(sentences) > 0).all()
        bounds |= {start + int(place) for place in sentences[1:-1]}
    cuts = set(range(0, len(text), 70))
    assert bounds | cuts | {len(text)} == set(corpus.sentences.tolist()) | cuts
