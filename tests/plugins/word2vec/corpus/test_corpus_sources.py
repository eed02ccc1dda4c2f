"""Texts in other encodings are read as Python decodes them, in pieces of any size."""

from __future__ import annotations

import bz2
import gzip
import os
import tarfile
import zipfile

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode, sources

WORDS = ["Straße", "naïve", "café", "über", "plain"]


def read(tmp_path, content, name="a.txt", **options):
    (tmp_path / name).write_bytes(content)
    return encode(tmp_path / name, tmp_path / "out", CorpusOptions(min_count=1, **options))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "UTF8"]
)
def test_a_text_is_read_in_its_encoding(tmp_path, monkeypatch, encoding, piece, pack):
    monkeypatch.setattr(sources, "PIECE", piece)
    text = " ".join(WORDS) + "\nplain café\n"
    corpus = read(tmp_path, pack(text.encode(encoding)), encoding=encoding)
    assert sorted(corpus.words) == sorted(WORDS)
    assert [corpus.words[number] for number in corpus.tokens] == [*WORDS, "plain", "café"]
    assert len(corpus.sentences) == 3


def test_another_encoding_is_another_corpus(tmp_path):
    first = read(tmp_path, "é ü é".encode(), encoding="latin-1")
    assert sorted(first.words) == sorted(["Ã©", "Ã¼"])
    again = read(tmp_path, "é ü é".encode())
    assert sorted(again.words) == ["é", "ü"]


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"ab \xff", "ascii", "byte 3 is not ascii .*is it the encoding of this text"),
        (b"a b\x81", "cp1252", "byte 3 is not cp1252"),
        (b"a\0b", "utf-16-le", "byte 2 is not utf-16-le"),
        (b"a b", "utf8x", "encoding: expected an encoding of text, .*got 'utf8x'"),
        (b"a b", "base64", "encoding: expected an encoding of text"),
        (b"a b", "rot13", "encoding: expected an encoding of text"),
        (b"a b", "", "encoding: expected an encoding of text"),
        (b"a b", "a\0b", "encoding: expected an encoding of text"),
    ],
)
def test_bytes_outside_the_encoding_are_named(tmp_path, monkeypatch, content, encoding, message):
    monkeypatch.setattr(sources, "PIECE", 2)
    with pytest.raises(UsageError, match=message):
        read(tmp_path, content, encoding=encoding)


@pytest.mark.parametrize(
    ("errors", "words"), [("ignore", ["a", "b"]), ("replace", ["a", "b\ufffd"])]
)
def test_bytes_outside_the_encoding_can_be_passed_over(tmp_path, errors, words):
    corpus = read(tmp_path, b"a b\x81", encoding="cp1252", errors=errors)
    assert sorted(corpus.words) == words


@pytest.mark.parametrize(("mode", "name"), [("w", "a.text"), ("w:gz", "a.tgz"), ("w:xz", "a.xz")])
def test_an_archive_is_no_text(tmp_path, mode, name):
    (tmp_path / "a.txt").write_text("a b c d")
    with tarfile.open(tmp_path / name, mode) as packed:
        packed.add(tmp_path / "a.txt", "a.txt")
    with pytest.raises(UsageError, match="is an archive; unpack it"):
        encode(tmp_path / name, tmp_path / "out", CorpusOptions(min_count=1))


def test_a_zip_file_is_no_text(tmp_path):
    with zipfile.ZipFile(tmp_path / "texts.txt", "w") as packed:
        packed.writestr("a.txt", "a b c")
    with pytest.raises(UsageError, match="is an archive; unpack it"):
        encode(tmp_path / "texts.txt", tmp_path / "out", CorpusOptions(min_count=1))


def test_the_path_of_a_text_may_be_any_bytes(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("a b a")
    corpus = encode(path, tmp_path / "out", CorpusOptions(min_count=1))
    again = encode(path, tmp_path / "out", CorpusOptions(min_count=1))
    assert corpus.words == again.words == ["a", "b"]
