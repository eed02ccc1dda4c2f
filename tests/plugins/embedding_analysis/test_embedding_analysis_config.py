"""The keys: limits, layouts, and which questions fit the named vectors."""

from __future__ import annotations

import pytest
from word_samples import some_vectors

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.config import AnalysisConfig
from nntasks.plugins.embeddings.vector_files import write_vectors


@pytest.fixture
def vectors(tmp_path, monkeypatch):
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path / "no data"))
    write_vectors(some_vectors(), tmp_path / "v.bin")
    return tmp_path / "v.bin"


def run_of(folder, data):
    folder.mkdir()
    (folder / "config.yaml").write_text(f"task: word2vec\ndata: {data}\n")
    write_vectors(some_vectors(), folder / "vectors.bin")
    return folder


def test_without_vectors_the_generated_corpus_is_asked_about():
    config = build(AnalysisConfig)
    assert (config.data, config.weights, config.vectors) == ("planted", None, ())


def test_the_first_vectors_are_the_weights_so_that_nothing_is_trained(vectors):
    for given in (f"{vectors},other.bin", [str(vectors), "other.bin"]):
        config = build(AnalysisConfig, {"vectors": given})
        assert config.weights == vectors
        assert [str(path) for path in config.vectors] == [str(vectors), "other.bin"]


@pytest.mark.parametrize(
    ("data", "questions"), [("planted", "planted"), ("wikipedia", "embedding_eval")]
)
def test_the_questions_are_those_of_the_run_s_corpus(tmp_path, data, questions):
    run = run_of(tmp_path / "run", data)
    assert build(AnalysisConfig, {"vectors": str(run)}).data == questions


def test_other_vectors_are_asked_nothing_unless_the_public_questions_are_there(vectors, tmp_path):
    assert build(AnalysisConfig, {"vectors": str(vectors)}).data == "no_questions"
    run = run_of(tmp_path / "run", "text")
    assert build(AnalysisConfig, {"vectors": str(run)}).data == "no_questions"


def test_what_is_given_stays(vectors):
    config = build(AnalysisConfig, {"vectors": str(vectors), "data": "question_files"})
    assert config.data == "question_files"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"maps": "pca,som"}, "maps: expected layouts among pca, tsne, umap"),
        ({"neighbours": "0"}, "neighbours: expected"),
        ({"permutations": "99"}, "permutations: expected"),
        ({"vectors": "none.bin"}, "found nothing at none.bin"),
    ],
)
def test_values_beyond_the_limits_are_one_line(keys, message):
    with pytest.raises(UsageError, match=message) as caught:
        build(AnalysisConfig, keys)
    assert "\n" not in str(caught.value)
