"""The corpus reader: both implementations against `bytes.decode` and `str.split`."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import random
import sys

import numpy as np
import pytest
from corpus_texts import expected, files, seen, written
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from property_tests import examples

from nntasks import ops
from nntasks.errors import RunFailed, UsageError
from nntasks.plugins.word2vec.corpus import CorpusOptions, EncodedCorpus, encode, sources
from nntasks.plugins.word2vec.corpus.engine import READER

MODES = {"native": "auto", "python": "python"}  # auto: the kernels need not be compiled as well
ENGINES = tuple(MODES)
SPACES = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
QUICK = examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.sampled_from(
    ["a", "b", "the", "Straße", "ΛΟΓΟΣ", "İ", "中文", "\ufeff", "x" * 9, "\x00"]
)
PIECES = st.one_of(
    WORDS.map(str.encode),
    st.sampled_from(SPACES).map(str.encode),
    st.sampled_from([b"\n", b"\r\n", b"\xff", b"\xc2", b"\xe2\x80", b"\xf0\x9f", b"\xed\xa0\x80"]),
    st.binary(max_size=4),
)
TEXTS = st.lists(PIECES, max_size=60).map(b"".join)


@pytest.fixture(params=ENGINES)
def implementation(request):
    """Have every test run on both implementations."""
    if request.param == "native" and READER.compiled() is None:
        pytest.skip("the corpus reader is not compiled")
    with ops.use(MODES[request.param]):
        yield request.param


@pytest.mark.parametrize("errors", ["ignore", "replace"])
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=3),
    lowercase=st.booleans(),
    lines=st.booleans(),
    least=st.integers(1, 2),
)
@QUICK
def test_any_bytes_are_read_as_python_reads_them(
    implementation, tmp_path, monkeypatch, errors, texts, lowercase, lines, least
):
    monkeypatch.setattr(sources, "PIECE", 16)
    # zz and yy are always frequent enough.
    texts = [b"zz zz\n", *texts, b"yy yy"]
    wanted = expected(texts, errors=errors, lowercase=lowercase, lines=lines, min_count=least)
    corpus = encode(
        written(tmp_path / "texts", *texts),
        tmp_path / "out",
        CorpusOptions(
            errors=errors,
            lowercase=lowercase,
            sentence="line" if lines else "document",
            min_count=least,
        ),
        threads=2,
    )
    assert seen(corpus) == wanted


@given(text=TEXTS)
@QUICK
def test_strict_names_the_byte_that_python_names(implementation, tmp_path, monkeypatch, text):
    monkeypatch.setattr(sources, "PIECE", 16)
    text = b"zz zz yy yy\n" + text
    (path,) = written(tmp_path, text)
    try:
        wanted = expected([text])
    except UnicodeDecodeError as error:
        told = rf"byte {error.start} is not UTF-8 \({error.reason}\)"
        with pytest.raises(UsageError, match=told):
            encode(path, tmp_path / "out", CorpusOptions(min_count=1))
    else:
        assert seen(encode(path, tmp_path / "out", CorpusOptions(min_count=1))) == wanted


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=2),
    lowercase=st.booleans(),
    phrases=st.integers(0, 2),
)
@QUICK
def test_both_implementations_write_the_same_bytes(tmp_path, texts, lowercase, phrases):
    if READER.compiled() is None:
        pytest.skip("the corpus reader is not compiled")
    paths = written(tmp_path, b"zz zz yy zz yy\n", *texts)
    made = []
    for name in ENGINES:
        with pytest.MonkeyPatch.context() as patch, ops.use(MODES[name]):
            patch.setattr(sources, "PIECE", 64)
            encode(
                paths,
                tmp_path / name,
                CorpusOptions(
                    min_count=1,
                    errors="replace",
                    lowercase=lowercase,
                    phrases=phrases,
                    phrase_threshold=1e-3,
                ),
                threads=2,
            )
        made.append(files(tmp_path / name))
        (tmp_path / name / "corpus.json").unlink()
    assert made[0] == made[1]


def test_every_white_space_parts_words_and_no_other_character_does(implementation, tmp_path):
    characters = [chr(code) for code in range(1, 0x3100) if not 0xD800 <= code < 0xE000]
    text = "".join(f"a{character}b\n" for character in characters).encode()
    corpus = encode(written(tmp_path, text), tmp_path / "out", CorpusOptions(min_count=1))
    assert seen(corpus) == expected([text])


@pytest.fixture(scope="module")
def long_text():
    """Return some 300 KB with a long tail of words, in lines."""
    rng = random.Random(0)
    weights = [1 / (rank + 1) for rank in range(9000)]
    words = rng.choices([f"w{rank}" for rank in range(9000)], weights, k=60_000)
    return b"\n".join(" ".join(words[i : i + 17]).encode() for i in range(0, len(words), 17))


def test_threads_change_nothing(implementation, tmp_path, monkeypatch, long_text):
    monkeypatch.setattr(sources, "PIECE", 4096)
    (path,) = written(tmp_path, long_text)
    made = []
    for threads in (1, 2, 5):
        encode(path, tmp_path / "out", CorpusOptions(phrases=1), threads=threads)
        made.append(files(tmp_path / "out"))
        (tmp_path / "out" / "corpus.json").unlink()
    assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_packed_texts_are_unpacked_whatever_their_name(implementation, tmp_path, pack, long_text):
    half = len(long_text) // 2
    path = tmp_path / "text.bin"
    path.write_bytes(pack(long_text[:half]) + pack(long_text[half:]))  # members behind each other
    assert seen(encode(path, tmp_path / "out", CorpusOptions(min_count=1))) == expected([long_text])


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_packed_text_that_ends_early_is_refused(tmp_path, pack, long_text):
    path = tmp_path / "text.gz"
    path.write_bytes(pack(long_text)[:-20_000])
    with pytest.raises(UsageError, match=r"text\.gz cannot be read to its end"):
        encode(path, tmp_path / "out")
    assert not [name for name in os.listdir(tmp_path / "out") if name != ".lock"]


def test_the_most_frequent_words_are_kept(implementation, tmp_path):
    corpus = encode(
        written(tmp_path, b"b a c b a d\nd d c e c"),
        tmp_path / "out",
        CorpusOptions(min_count=1, max_vocabulary=3),
    )
    assert corpus.words == ["c", "d", "a"]
    assert corpus.counts.tolist() == [3, 3, 2]
    assert corpus.tokens.tolist() == [2, 0, 2, 1, 1, 1, 0, 0]
    assert corpus.sentences.tolist() == [0, 4, 8]
    assert corpus.read == 11
    assert (corpus.tokens.dtype, corpus.sentences.dtype, corpus.counts.dtype) == (
        np.int32,
        np.int64,
        np.int64,
    )
    assert not corpus.tokens.flags.writeable


def test_a_folder_gives_its_texts_in_order(implementation, tmp_path):
    folder = tmp_path / "texts"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "1.txt").write_text("second second")
    (folder / "a.text.gz").write_bytes(gzip.compress(b"first first"))
    (folder / "c.md").write_text("not this")
    (folder / ".hidden.txt").write_text("nor this")
    (folder / "d.tar.gz").write_bytes(gzip.compress(b"nor that"))
    assert seen(encode(folder, tmp_path / "out", CorpusOptions(min_count=1)))[2] == [
        ["first"] * 2,
        ["second"] * 2,
    ]


def encoded_with(path, folder, threads=None, **options):
    return encode(path, folder, CorpusOptions(**options), threads=threads)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "no words in .*0.txt"),
        (b" \n\xc2\xa0\n", {}, "no words in"),
        (b"\xff \xfe", {"errors": "ignore"}, "no words in"),
        (b"one one one", {"min_count": 1}, "one word only .'one', 3 times"),
        (b"a b b c", {}, "all 3 words occur fewer than min_count=5 times; .*'b', occurs 2 times"),
        ("a b".encode("utf-16"), {}, "byte 0 is not UTF-8 .*looks like UTF-16"),
        (b"ab cd\xffe", {}, "byte 5 is not UTF-8"),
        (b"a " + b"b" * 70_000, {}, "more than 65,536 bytes begins at byte 2"),
        (b"a b", {"min_count": 0}, "min_count: expected a number from 1 on, got 0"),
        (b"a b", {"max_vocabulary": 1}, "max_vocabulary"),
        (b"a b", {"errors": "lax"}, "errors: expected strict or ignore or replace, got 'lax'"),
        (b"a b", {"phrase_threshold": 0.0}, "phrase_threshold"),
        (b"a b", {"threads": 0}, "threads"),
    ],
)
def test_what_is_no_text_is_told_in_one_line(implementation, tmp_path, content, options, message):
    (path,) = written(tmp_path, content)
    with pytest.raises(UsageError, match=message) as caught:
        encoded_with(path, tmp_path / "out", **options)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert not list(tmp_path.glob("out/[!.]*"))
    assert not list(tmp_path.glob("out/.encoding*"))


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="found nothing there"):
        encode(tmp_path / "absent", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="a directory without text"):
        encode(tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_first_of_several_bad_bytes_is_named(implementation, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "PIECE", 64)
    (path,) = written(tmp_path, b"good word " * 40 + b"\xff " * 300)
    with pytest.raises(UsageError, match="byte 400 "):
        encode(path, tmp_path / "out", threads=4)


def test_more_words_than_numbers_are_refused(implementation):
    words = READER.chosen().Vocabulary(True, 100, 2)
    words.encode(b"a b a", True)
    with pytest.raises(ValueError, match="too many different words"):
        words.encode(b"c", True)


def test_a_word_may_fill_the_limit(implementation):
    words = READER.chosen().Vocabulary(True, 9, 100)
    numbers, offset, size = words.encode("123456789 中文 1234567890".encode(), True)
    assert numbers.tolist() == [0, 1]
    assert (offset, size) == (17, 10)


def test_a_text_that_changes_is_not_half_read(tmp_path):
    (path,) = written(tmp_path, b"a b a b")

    def advance(count):
        path.write_bytes(b"a b a b c c")

    with pytest.raises(RunFailed, match="changed while it was read"):
        list(sources.pieces(sources.find(path)[0], advance))


def test_open_tells_where_nothing_is_encoded(tmp_path):
    with pytest.raises(UsageError, match=r"there is no corpus\.json"):
        EncodedCorpus.open(tmp_path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_bar_goes_over_the_bytes_on_the_disk(tmp_path, monkeypatch, pack, long_text):
    monkeypatch.setattr(sources, "PIECE", 4096)
    path = tmp_path / "text.txt"
    path.write_bytes(pack(long_text * 8))  # Python 3.12 unpacks 128 KiB at a time, 3.11 8 KiB
    totals, moves = [], []

    @contextlib.contextmanager
    def bar(what, total):
        totals.append(total)
        yield lambda count=1, note="": moves.append(count)

    encode(path, tmp_path / "out", bar=bar)
    assert totals == [path.stat().st_size] == [sum(moves)]
    assert min(moves) >= 0
    assert len([move for move in moves if move]) > 3
