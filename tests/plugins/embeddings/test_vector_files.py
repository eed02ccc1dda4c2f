"""Files of vectors: back and forth, against gensim and safetensors, and what is wrong in them."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma

import numpy as np
import pytest
from word_samples import STRANGE, as_gensim, some_vectors

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vector_files import find_vectors, read_vectors, write_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors

_EMPTY = {
    "vectors": {"dtype": "F32", "shape": [0, 3], "data_offsets": [0, 0]},
    "words": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]},
}
_HEADER = json.dumps(_EMPTY).encode()
NO_WORDS = len(_HEADER).to_bytes(8, "little") + _HEADER
NAMES = ("v.txt", "v.vec", "v.txt.gz", "v.bin", "v.safetensors")


@pytest.fixture(scope="module")
def vectors():
    return some_vectors()


def same(a, b):
    return a.words == b.words and np.array_equal(np.asarray(a.matrix), np.asarray(b.matrix))


@pytest.mark.parametrize("memory_map", [False, True])
@pytest.mark.parametrize("content", [b"\xff 1 2\n\xfe 3 4\n", b"1 1\n\xff \0\0\0\0", NO_WORDS])
def test_a_file_of_which_no_word_is_left_is_refused(tmp_path, content, memory_map):
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(UsageError, match="expected words with vectors, got none"):
        read_vectors(tmp_path / "v", errors="ignore", memory_map=memory_map)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("number", ["1e40", "-1e40", "1e999"])
def test_a_number_beyond_float32_is_refused_without_a_warning(tmp_path, number):
    (tmp_path / "v.txt").write_text(f"a 1 2\nb 3 {number}\n")
    with pytest.raises(UsageError, match="word 2, 'b', holds numbers that are not finite"):
        read_vectors(tmp_path / "v.txt")


@pytest.mark.parametrize("memory_map", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_to_the_last_bit(tmp_path, vectors, name, memory_map):
    write_vectors(vectors, tmp_path / name)
    back = read_vectors(tmp_path / name, memory_map=memory_map)
    assert same(back, vectors)
    assert back.most_similar("北京", topn=3) == vectors.most_similar("北京", topn=3)
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.safetensors", "v.txt.gz"])
def test_a_format_is_told_by_its_beginning(tmp_path, vectors, name):
    write_vectors(vectors, tmp_path / name)
    plain = (tmp_path / name).rename(tmp_path / "something")
    assert same(read_vectors(plain), vectors)


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_opens_ours_and_we_open_gensims(tmp_path, vectors, binary):
    models = pytest.importorskip("gensim.models")
    name = "v.bin" if binary else "v.txt"
    write_vectors(vectors, tmp_path / name)
    theirs = models.KeyedVectors.load_word2vec_format(tmp_path / name, binary=binary)
    assert theirs.index_to_key == vectors.words
    assert set(STRANGE) <= set(theirs.index_to_key)
    assert np.array_equal(theirs.vectors, vectors.matrix)
    as_gensim(vectors).save_word2vec_format(tmp_path / f"theirs-{name}", binary=binary)
    assert same(read_vectors(tmp_path / f"theirs-{name}", memory_map=binary), vectors)


def test_safetensors_hold_counts_and_output_and_open_elsewhere(tmp_path, vectors):
    from safetensors.numpy import load_file

    full = KeyedVectors.of(vectors.words, vectors.matrix, vectors.counts, vectors.matrix * 2)
    path = tmp_path / "v.safetensors"
    write_vectors(full, path)
    back = read_vectors(path, memory_map=True)
    assert isinstance(back.matrix, np.memmap)
    assert np.array_equal(back.counts, vectors.counts)
    assert np.array_equal(back.output, full.output)
    arrays = load_file(path)
    assert np.array_equal(arrays["vectors"], vectors.matrix)
    assert bytes(arrays["words"]).decode().split("\0")[:-1] == vectors.words


def test_a_mapped_binary_file_gives_rows_as_an_array_does(tmp_path, vectors):
    write_vectors(vectors, tmp_path / "v.bin")
    rows = read_vectors(tmp_path / "v.bin", memory_map=True).matrix
    assert np.array_equal(rows[3], vectors.matrix[3])
    assert np.array_equal(rows[np.array([5, 2])], vectors.matrix[[5, 2]])
    assert np.array_equal(np.asarray(rows[10:20]), vectors.matrix[10:20])
    assert rows[:7].shape == (7, 8)


def test_the_folder_of_a_run_stands_for_its_vectors(tmp_path, vectors):
    with pytest.raises(UsageError, match="holds no vectors"):
        find_vectors(tmp_path)
    write_vectors(vectors, tmp_path / "vectors.bin")
    assert find_vectors(tmp_path) == tmp_path / "vectors.bin"
    write_vectors(vectors, tmp_path / "vectors.safetensors")
    assert same(read_vectors(tmp_path), vectors)


def test_a_mapped_file_with_a_number_that_is_none_is_found_out_when_used(tmp_path):
    path = tmp_path / "v.safetensors"
    write_vectors(KeyedVectors.of(["a", "b"], np.array([[1], [np.nan]], np.float32)), path)
    mapped = read_vectors(path, memory_map=True)
    with pytest.raises(UsageError, match="'b' holds numbers that are not finite"):
        mapped.most_similar("a")


HEADER, ROWS = b"2 2\n", b"a 1 2\nb 3 4\n"
FLOATS = np.array([1, 2], "<f4").tobytes()
BINARY = b"a " + FLOATS + b"\nb " + FLOATS
# Without the time of day, which would give the same test two names in two processes.
CUT_GZIP = gzip.compress(HEADER + ROWS, mtime=0)[:-12]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.txt", b"", "first line of two numbers"),
        ("v.txt", b"0 2\n", "first line of two numbers"),
        ("v.txt", b"99999999999999 2\n" + ROWS, "first line of two numbers"),
        ("v.txt", b"3 2\n" + ROWS, "ends early: expected 3 words.*got 2"),
        ("v.txt", b"1 2\n" + ROWS, "expected 1 words.*got more"),
        ("v.txt", b"2 3\n" + ROWS, "line 2: expected a word and 3 numbers"),
        ("v.txt", b"2 2\na 1 2\nb 3 x\n", "line 3: expected a word and 2 numbers, got 'b 3 x'"),
        ("v.txt", b"2 2\na 1 2\nb 3\n", "line 3"),
        ("v.txt", b"2 2\na 1 2\nb 3 nan\n", "word 2, 'b', holds numbers that are not finite"),
        ("v.txt", b"2 2\na 1 2\n\xff 3 4\n", r"expected UTF-8, but word 2 is b'\\xff'"),
        ("v.txt.gz", CUT_GZIP, "damaged .gz file"),
        ("v.bin", b"", "first line of two numbers"),
        ("v.bin", HEADER + BINARY[:-1], "ends early: expected 2 words.*got 1"),
        ("v.bin", b"3 2\n" + BINARY, "ends early: expected 3 words.*got 2"),
        ("v.bin", b"1 2\n" + BINARY, "expected 1 words.*got more: 11 bytes follow"),
        ("v.bin", b"1 2\n" + b"x" * 5000, "expected word 1 and a space behind it"),
        ("v.bin", HEADER + BINARY.replace(b"b ", b"\xc3 "), "expected UTF-8, but word 2"),
        ("v.bin", HEADER + b"a " + FLOATS + b"b " + np.float32([1, np.inf]).tobytes(), "'b'"),
        ("v.safetensors", b"no tensors at all", "not a readable safetensors file"),
        ("v.xyz", b"\x00\x01\x02", "is not a known vector file"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_clear_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        read_vectors(path)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "word", "message"),
    [
        ("v.txt", "two words", "cannot store the word 'two words'"),
        ("v.bin", "line\nfeed", "cannot store the word"),
        ("v.safetensors", "zero\0byte", "cannot store the word"),
        ("v.txt", "", "cannot store the word ''"),
        ("v.csv", "a", "name that ends in one of"),
        ("v.bin.gz", "a", "name that ends in one of"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(tmp_path, name, word, message):
    vectors = KeyedVectors.of([word], np.ones((1, 2), np.float32))
    with pytest.raises(UsageError, match=message):
        write_vectors(vectors, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_path_where_nothing_is(tmp_path):
    with pytest.raises(UsageError, match="found nothing at"):
        read_vectors(tmp_path / "none.bin")


NO_HEADER = {
    "glove": b"the 0.1 0.2\nof 0.3 0.4\n",
    "tabs": b"the\t0.1\t0.2\nof\t0.3\t0.4\n",
    "two spaces": b"the  0.1  0.2 \r\nof  0.3  0.4 \r\n",
    "a mark": b"\xef\xbb\xbfthe 0.1 0.2\nof 0.3 0.4",
    "a header": b"2 2\nthe 0.1 0.2\nof 0.3 0.4\n\n",
    "a header, spaces": b"2 2\nthe  0.1 0.2\nof   0.3 0.4\n",
}
PACKED = {"plain": bytes, "gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("content", NO_HEADER)
@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v"])
def test_text_is_read_whatever_its_name_and_header(tmp_path, name, content, packed):
    (tmp_path / name).write_bytes(PACKED[packed](NO_HEADER[content]))
    vectors = read_vectors(tmp_path / name)
    assert vectors.words == ["the", "of"]
    assert vectors.matrix.tolist() == np.float32([[0.1, 0.2], [0.3, 0.4]]).tolist()


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v"])
def test_binary_is_read_whatever_its_name(tmp_path, name, packed):
    (tmp_path / name).write_bytes(PACKED[packed](HEADER + BINARY))
    for mapped in (False, True):
        vectors = read_vectors(tmp_path / name, memory_map=mapped)
        assert vectors.words == ["a", "b"]
        assert np.asarray(vectors.matrix).tolist() == [[1, 2], [1, 2]]


def test_words_that_are_numbers_and_words_with_blanks(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"1 2\n3 4\n5 6\n")
    assert read_vectors(tmp_path / "v.txt").words == ["1", "3", "5"]
    (tmp_path / "v.txt").write_bytes(b"0.5 1 2\nnew york 3 4\n")
    assert read_vectors(tmp_path / "v.txt").words == ["0.5", "new york"]


@pytest.mark.parametrize(
    "content",
    [b"3 2\na 1 2\nb 3 4\na 5 6\n", b"a 1 2\nb 3 4\na 5 6\n", b"3 2\n" + BINARY + b"\na " + FLOATS],
    ids=["header", "none", "binary"],
)
def test_of_a_word_that_comes_again_the_first_is_kept(tmp_path, content, caplog):
    (tmp_path / "v").write_bytes(content)
    for mapped in (False, True):
        vectors = read_vectors(tmp_path / "v", memory_map=mapped)
        assert vectors.words == ["a", "b"]
        assert np.asarray(vectors.matrix)[0].tolist() == [1, 2]
    assert "1 words come again ('a'); the first vector of each is kept" in caplog.text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"errors": "replace"}, ["caf\ufffd", "b"]),
        ({"errors": "ignore"}, ["caf", "b"]),
        ({"encoding": "latin-1"}, ["caf\xe9", "b"]),
        ({"encoding": "cp1252"}, ["caf\xe9", "b"]),
    ],
)
def test_words_in_another_encoding(tmp_path, options, words):
    (tmp_path / "v.txt").write_bytes(b"caf\xe9 1 2\nb 3 4\n")
    (tmp_path / "v.bin").write_bytes(b"2 2\ncaf\xe9 " + FLOATS + b"\nb " + FLOATS)
    for name in ("v.txt", "v.bin"):
        assert read_vectors(tmp_path / name, **options).words == words


def test_a_word_of_which_nothing_is_left_is_left_out(tmp_path, caplog):
    (tmp_path / "v.txt").write_bytes(b"\xe9 1 2\nb 3 4\n")
    assert read_vectors(tmp_path / "v.txt", errors="ignore").words == ["b"]
    assert "1 words of which nothing could be read are left out" in caplog.text


@pytest.mark.parametrize("encoding", ["utf-16", "none such", "rot13"])
def test_an_encoding_without_ascii_is_refused(tmp_path, encoding):
    (tmp_path / "v.txt").write_bytes(ROWS)
    with pytest.raises(UsageError, match="encoding: expected one that holds ASCII"):
        read_vectors(tmp_path / "v.txt", encoding=encoding)


def test_a_limit_is_kept_while_reading(tmp_path):
    broken = b"c is broken\n"  # never looked at
    for name, content in (("v.txt", HEADER + ROWS + broken), ("v.bin", b"9 2\n" + BINARY)):
        (tmp_path / name).write_bytes(content)
        for packed in (content, gzip.compress(content)):
            (tmp_path / name).write_bytes(packed)
            assert read_vectors(tmp_path / name, limit=2).words == ["a", "b"]
            assert len(read_vectors(tmp_path / name, limit=1)) == 1


def test_counts_come_from_a_file_of_their_own(tmp_path):
    (tmp_path / "v.txt").write_bytes(HEADER + ROWS)
    (tmp_path / "counts").write_text("b 7\nz 3\n")
    vectors = read_vectors(tmp_path / "v.txt", counts=tmp_path / "counts")
    assert vectors.counts.tolist() == [0, 7]
    for wrong, says in (("b seven\n", "line 1"), ("z 3\n", "expected counts of words")):
        (tmp_path / "counts").write_text(wrong)
        with pytest.raises(UsageError, match=says):
            read_vectors(tmp_path / "v.txt", counts=tmp_path / "counts")
