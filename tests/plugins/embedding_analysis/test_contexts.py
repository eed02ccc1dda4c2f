"""Typical contexts of a word, by output vectors and by counts in a text."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis import contexts
from nntasks.plugins.embedding_analysis.contexts import contexts_by_output, contexts_in_text
from nntasks.plugins.embeddings.vectors import KeyedVectors

WORDS = ["a", "b", "c", "d"]
VECTORS = KeyedVectors.of(WORDS, np.eye(4, dtype=np.float32))


def counted(tmp_path, text, *words, name="t.txt", pack=bytes):
    (tmp_path / name).write_bytes(pack(text.encode()))
    return contexts_in_text(tmp_path / name, words, VECTORS)


def test_by_output_the_largest_products_come_first():
    output = np.array([[0, 1, 0, 0], [3, 0, 0, 0], [2, 5, 0, 0], [-1, 0, 0, 0]], np.float32)
    vectors = KeyedVectors.of(WORDS, np.eye(4, dtype=np.float32), None, output)
    of_a, of_b = contexts_by_output(vectors, ["a", "b"])
    assert of_a == [("b", 3), ("c", 2), ("a", 0), ("d", -1)]
    assert of_b[:2] == [("c", 5), ("a", 1)]


class TestInText:
    def test_the_value_is_the_pointwise_mutual_information(self, tmp_path):
        text = "a b\n" * 6 + "a c\n" * 2 + "d d d d\n"
        ((pair,),) = counted(tmp_path, text, "a")
        # 8 contexts of a, 6 of them b; 20 words, 6 of them b; c is met less than five times
        assert pair == ("b", pytest.approx(np.log(6 * 20 / (8 * 6))))

    def test_words_further_than_the_window_or_in_another_line_are_no_contexts(self, tmp_path):
        text = "a d d d d d b\nc\n" * 6
        ((pair,),) = counted(tmp_path, text, "a")
        assert pair[0] == "d"

    def test_contexts_without_a_vector_are_left_out(self, tmp_path):
        assert counted(tmp_path, "a nobody b\n" * 6, "a", "c") == [
            [("b", pytest.approx(np.log(6 * 18 / (12 * 6))))],
            [],
        ]

    @pytest.mark.parametrize("end", ["", "\n"])
    def test_the_last_word_belongs_to_its_line_however_the_text_ends(self, tmp_path, end):
        text = "\n".join(["a b"] * 5) + end
        ((pair,),) = counted(tmp_path, text, "a")
        assert pair == ("b", pytest.approx(np.log(5 * 10 / (5 * 5))))

    @pytest.mark.parametrize("longest", [3, 7, 1 << 20])
    def test_no_word_of_a_long_line_is_cut(self, tmp_path, monkeypatch, longest):
        monkeypatch.setattr(contexts, "_LONGEST", longest)
        (tmp_path / "t.txt").write_text("aa bbb cccc d\n" * 9)
        words = [word for line in contexts._lines(tmp_path / "t.txt") for word in line]
        assert words == ["aa", "bbb", "cccc", "d"] * 9

    def test_packed_texts(self, tmp_path):
        text = "a b\n" * 6
        assert counted(tmp_path, text, "a", name="t.gz", pack=gzip.compress) == counted(
            tmp_path, text, "a"
        )

    def test_what_cannot_be_read_is_one_line(self, tmp_path):
        with pytest.raises(UsageError, match=r"cannot read text .*none: No such file"):
            contexts_in_text(tmp_path / "none", ["a"], VECTORS)
        (tmp_path / "t.txt").write_bytes(b"a \xff\n")
        with pytest.raises(UsageError, match=r"cannot read text .*codec can't decode"):
            contexts_in_text(tmp_path / "t.txt", ["a"], VECTORS)
        (tmp_path / "t.gz").write_bytes(gzip.compress(b"a b\n" * 99)[:-9])
        with pytest.raises(UsageError, match=r"cannot read text .*t.gz"):
            contexts_in_text(tmp_path / "t.gz", ["a"], VECTORS)
