"""Files: gensim reads ours and we read gensim's; nothing is unpickled."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from keyed_sides import WORDS, both

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vectors import KeyedVectors


def test_saved_vectors_come_back_with_all_attributes(tmp_path):
    ours, _ = both(counts=True)
    ours.set_vecattr("w3", "share", 0.5)
    ours.set_vecattr("w3", "seen", 4)
    ours.save(tmp_path / "vectors.kv")
    for mmap in (None, "r"):
        back = KeyedVectors.load(tmp_path / "vectors.kv", mmap=mmap)
        assert back.index_to_key == WORDS
        assert np.array_equal(np.asarray(back.vectors), ours.vectors)
        assert [back.get_vecattr("w3", name) for name in ("count", "share", "seen")] == [
            ours.get_vecattr("w3", "count"),
            0.5,
            4,
        ]
        assert back.similar_by_word("w1") == ours.similar_by_word("w1")
    ours.set_vecattr("w3", "tag", "noun")
    with pytest.raises(UsageError, match="'tag' holds other values"):
        ours.save(tmp_path / "more.kv")


def test_a_pickle_is_refused(tmp_path):
    (tmp_path / "old.kv").write_bytes(pickle.dumps({"vectors": 1}))
    with pytest.raises(UsageError, match="is a pickle, which could run any code"):
        KeyedVectors.load(tmp_path / "old.kv")
    with pytest.raises(FileNotFoundError):
        KeyedVectors.load(tmp_path / "absent")


@pytest.mark.parametrize("binary", [False, True])
def test_each_reads_what_the_other_wrote(tmp_path, binary):
    sides = both(counts=True)
    for side, other in zip(sides, sides[::-1], strict=True):
        path, counts = str(tmp_path / "v"), str(tmp_path / "counts")
        side.save_word2vec_format(path, counts, binary, prefix="*_")
        back = type(other).load_word2vec_format(path, counts, binary=binary)
        order = sorted(WORDS, key=lambda w: -side.get_vecattr(w, "count"))
        assert back.index_to_key == [f"*_{word}" for word in order]
        assert np.array_equal(back["*_w7"], side["w7"])
        assert back.get_vecattr("*_w7", "count") == side.get_vecattr("w7", "count")


def test_files_without_a_first_line_limits_and_types(tmp_path):
    ours, theirs = both()
    path = str(tmp_path / "glove.txt")
    ours.save_word2vec_format(path, write_header=False)
    for kind in (KeyedVectors, type(theirs)):
        read = kind.load_word2vec_format(path, no_header=True, limit=5, datatype=np.float16)
        assert read.index_to_key == WORDS[:5]
        assert read.vectors.dtype == np.float16
        assert [read.get_vecattr(word, "count") for word in WORDS[:5]] == [5, 4, 3, 2, 1]


def test_words_of_a_file_replace_those_in_both(tmp_path):
    ours, other = both()[0], both(seed=1)[0]
    other.add_vector("new", np.ones(6))
    other.save_word2vec_format(tmp_path / "v.txt")
    with pytest.raises(UsageError, match=r"lockf=1\.0"):
        ours.intersect_word2vec_format(tmp_path / "v.txt")
    assert ours.intersect_word2vec_format(tmp_path / "v.txt", lockf=1.0) == 40
    assert "new" not in ours
    assert np.array_equal(ours.vectors, other.vectors[:40])
    assert ours.most_similar("w1") == other.first(40).most_similar("w1")


def test_what_is_not_offered_is_refused_before_a_file_is_written(tmp_path):
    ours, _ = both()
    for options in ({"append": True}, {"total_vec": 99}, {"nonsense": 1}):
        with pytest.raises(UsageError, match="save_word2vec_format"):
            ours.save_word2vec_format(tmp_path / "v", **options)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="nonsense"):
        KeyedVectors.load_word2vec_format(tmp_path, nonsense=1)
