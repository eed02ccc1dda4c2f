"""Files of vectors: back and forth, against gensim and safetensors, and what is wrong in them."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from word_samples import STRANGE, as_gensim, some_vectors

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vector_files import find_vectors, read_vectors, write_vectors
from nntasks.plugins.embeddings.vectors import WordVectors

NAMES = ("v.txt", "v.vec", "v.txt.gz", "v.bin", "v.safetensors")


@pytest.fixture(scope="module")
def vectors():
    return some_vectors()


def same(a, b):
    return a.words == b.words and np.array_equal(np.asarray(a.matrix), np.asarray(b.matrix))


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

    full = WordVectors(vectors.words, vectors.matrix, vectors.counts, vectors.matrix * 2)
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
    write_vectors(WordVectors(["a", "b"], np.array([[1], [np.nan]], np.float32)), path)
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
        ("v.txt", ROWS, "first line of two numbers.*got 'a 1 2'"),
        ("v.txt", b"0 2\n", "first line of two numbers"),
        ("v.txt", b"99999999999999 2\n" + ROWS, "first line of two numbers"),
        ("v.txt", b"3 2\n" + ROWS, "ends early: expected 3 words.*got 2"),
        ("v.txt", b"1 2\n" + ROWS, "expected 1 words.*got more"),
        ("v.txt", b"2 3\n" + ROWS, "line 2: expected a word and 3 numbers"),
        ("v.txt", b"2 2\na 1 2\nb 3 x\n", "line 3: expected a word and 2 numbers, got 'b 3 x'"),
        ("v.txt", b"2 2\na 1 2\nb 3\n", "line 3"),
        ("v.txt", b"2 2\na 1 2\nb 3 nan\n", "word 2, 'b', holds numbers that are not finite"),
        ("v.txt", b"2 2\na 1 2\na 3 4\n", "'a' comes as number 1 and 2"),
        ("v.txt", b"2 2\na 1 2\n\xff 3 4\n", r"expected UTF-8, but word 2 is b'\\xff'"),
        ("v.txt.gz", CUT_GZIP, "damaged .gz file"),
        ("v.bin", b"", "first line of two numbers"),
        ("v.bin", HEADER + BINARY[:-1], "ends early: expected 2 words.*got 1"),
        ("v.bin", b"3 2\n" + BINARY, "ends early: expected 3 words.*got 2"),
        ("v.bin", b"1 2\n" + BINARY, "expected 1 words.*got more: 11 bytes follow"),
        ("v.bin", b"1 2\n" + b"x" * 5000, "expected word 1 and a space at byte 4"),
        ("v.bin", HEADER + BINARY.replace(b"b ", b"a "), "'a' comes as number 1 and 2"),
        ("v.bin", HEADER + BINARY.replace(b"b ", b"\xc3 "), "expected UTF-8, but word 2"),
        ("v.bin", HEADER + b"a " + FLOATS + b"b " + np.float32([1, np.inf]).tobytes(), "'b'"),
        ("v.safetensors", b"no tensors at all", "no readable safetensors file"),
        ("v.xyz", b"\x00\x01\x02", "looks like no file of vectors"),
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


def tensors(**entries):
    header = json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header + bytes(64)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            tensors(w={"dtype": "F32", "shape": [4, 4], "data_offsets": [0, 64]}),
            "vectors and words",
        ),
        (
            tensors(
                vectors={"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]},
                words={"dtype": "U8", "shape": [16], "data_offsets": [48, 64]},
            ),
            "'' comes as number 1 and 2",
        ),
        (
            tensors(
                vectors={"dtype": "BF16", "shape": [6, 4], "data_offsets": [0, 48]},
                words={"dtype": "U8", "shape": [16], "data_offsets": [48, 64]},
            ),
            "the type BF16",
        ),
        (
            tensors(vectors={"dtype": "F32", "shape": [4, 5], "data_offsets": [0, 80]}),
            "no readable safetensors",
        ),
    ],
)
def test_wrong_safetensors(tmp_path, content, message):
    path = tmp_path / "v.safetensors"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_vectors(path)


@pytest.mark.parametrize(
    ("name", "word", "message"),
    [
        ("v.txt", "two words", "cannot hold the word 'two words'"),
        ("v.bin", "line\nfeed", "cannot hold the word"),
        ("v.safetensors", "zero\0byte", "cannot hold the word"),
        ("v.txt", "", "cannot hold the word ''"),
        ("v.csv", "a", "name that ends in one of"),
        ("v.bin.gz", "a", "name that ends in one of"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(tmp_path, name, word, message):
    vectors = WordVectors([word], np.ones((1, 2), np.float32))
    with pytest.raises(UsageError, match=message):
        write_vectors(vectors, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_path_where_nothing_is(tmp_path):
    with pytest.raises(UsageError, match="found nothing at"):
        read_vectors(tmp_path / "none.bin")
