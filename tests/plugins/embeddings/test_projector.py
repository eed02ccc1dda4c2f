"""TensorBoard's own reader finds the vectors and the words."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks import runner
from nntasks.plugins.embeddings.projector import projector_files
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors

WORDS = ["the", "北京", "a\tb\nc", 'sa"y', ""]


def vectors(seed=0):
    rng = np.random.default_rng(seed)
    return KeyedVectors.of(WORDS, rng.normal(size=(5, 3)).astype(np.float32))


def test_files_of_one_set():
    one = vectors()
    files = projector_files({'my "set"': one}, 4)
    assert list(files) == [
        f"tensorboard/{name}" for name in ("tensors.tsv", "metadata.tsv", "projector_config.pbtxt")
    ]
    lines = files["tensorboard/metadata.tsv"].decode().split("\n")
    assert lines == ["word\trank", "the\t1", "北京\t2", "a b c\t3", 'sa"y\t4', ""]
    rows = [line.split("\t") for line in files["tensorboard/tensors.tsv"].decode().splitlines()]
    np.testing.assert_allclose(np.array(rows, np.float32), one.vectors[:4], rtol=1e-5)


def test_none_are_written_unless_asked_for():
    assert projector_files({"a": vectors()}, 0) == {}


def test_tensorboard_reads_what_a_run_wrote(tmp_path):
    pytest.importorskip("tensorboard")
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
    from tensorboard.plugins.projector.projector_plugin import _read_tensor_tsv_file

    keys = {"epochs": 1, "dim": 8, "projector": 20}
    done = runner.start("word2vec", [keys], out=tmp_path, quiet=True)
    folder = done.folder / "tensorboard"
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (one,) = config.embeddings
    assert one.tensor_name == "skipgram"
    found = _read_tensor_tsv_file(str(folder / one.tensor_path))
    stored = read_vectors(done.folder / "vectors.bin")
    np.testing.assert_allclose(found, stored.vectors[:20], rtol=1e-5, atol=1e-7)
    words = (folder / one.metadata_path).read_text().splitlines()
    assert words[0].split("\t") == ["word", "rank", "count"]
    assert [line.split("\t")[0] for line in words[1:]] == list(stored.words[:20])


def test_several_sets_have_files_of_their_own():
    from google.protobuf import text_format

    projector = pytest.importorskip("tensorboard.plugins.projector.projector_config_pb2")
    files = projector_files({'my "set"': vectors(), "b\\c": vectors(1)}, 5)
    text = files["tensorboard/projector_config.pbtxt"].decode()
    config = text_format.Parse(text, projector.ProjectorConfig())
    assert [(e.tensor_name, e.tensor_path, e.metadata_path) for e in config.embeddings] == [
        ('my "set"', "tensors.tsv", "metadata.tsv"),
        ("b\\c", "tensors-2.tsv", "metadata-2.tsv"),
    ]
    assert files["tensorboard/tensors.tsv"] != files["tensorboard/tensors-2.tsv"]
