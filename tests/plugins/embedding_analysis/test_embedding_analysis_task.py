"""The task: questions, vectors that are named, files of a run."""

from __future__ import annotations

import pytest
from word_samples import related_vectors

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Outcome, Splits
from nntasks.plugins.embedding_analysis.task import PAGE
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.runner import make_task


@pytest.fixture
def vectors(tmp_path, monkeypatch):
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path / "no data"))
    write_vectors(related_vectors(noise=0.1), tmp_path / "v.bin")
    write_vectors(related_vectors(seed=2), tmp_path / "w.bin")
    return tmp_path


def task(**keys):
    return make_task("embedding_analysis", [{"maps": "pca", **keys}])


def outcome(owner, folder):
    model = owner.load_model(folder / "v.bin", None)
    return Outcome({}, {}, owner.load_data().test, (), model)


def test_named_vectors_are_asked_and_not_trained(vectors):
    splits = task(vectors=str(vectors / "v.bin")).load_data()
    assert splits.train is None
    assert len(splits.test) == 0


def test_without_vectors_the_data_must_have_a_text():
    with pytest.raises(UsageError, match="data=no_questions: expected vectors to analyse, got"):
        task(data="no_questions").load_data()


def test_data_of_another_kind_are_refused(vectors, monkeypatch):
    owner = task(vectors=str(vectors / "v.bin"))
    monkeypatch.setattr(
        "nntasks.interfaces.Task.load_data", lambda self: Splits(None, [], [1, 2], DataInfo())
    )
    with pytest.raises(UsageError, match="data=no_questions: expected questions about words"):
        owner.load_data()


def test_all_named_sets_are_read_and_other_weights_alone(vectors):
    owner = task(vectors=f"{vectors / 'v.bin'},{vectors / 'w.bin'}")
    assert list(owner.load_model(vectors / "v.bin", None).sets) == ["v.bin", "w.bin"]
    assert list(owner.load_model(vectors / "w.bin", None).sets) == ["w.bin"]


def test_a_chosen_word_without_a_vector_is_told_before_the_analysis(vectors):
    owner = task(vectors=str(vectors / "v.bin"), words="LEFT1,nobody")
    with pytest.raises(UsageError, match="'nobody' is none of the 54 words"):
        owner.load_model(vectors / "v.bin", None)


def test_the_analysis_of_an_outcome_is_made_once(vectors):
    owner = task(vectors=str(vectors / "v.bin"))
    first = outcome(owner, vectors)
    assert owner.analysis_of(first) is owner.analysis_of(first)
    assert owner.analysis_of(outcome(owner, vectors)) is not None


def test_the_map_is_a_page_with_the_words(vectors):
    owner = task(vectors=str(vectors / "v.bin"), words="LEFT1,right1,other1")
    page = owner.files(outcome(owner, vectors))[PAGE].decode()
    assert "Words of v.bin" in page
    assert all(f'"{word}"' in page for word in ("LEFT1", "right1", "other1"))
    few = task(vectors=str(vectors / "v.bin"), words="LEFT1,right1")
    assert PAGE not in few.files(outcome(few, vectors))


def test_a_word_two_words_and_an_analogy_are_explained(vectors):
    owner = task(vectors=str(vectors / "v.bin"))
    model = owner.load_model(vectors / "v.bin", None)
    options = owner.ExplainOptions
    assert owner.explain(model, "LEFT1", options()).rank == 2
    assert owner.explain(model, "LEFT1", options(other="right1")).closeness.other == "right1"
    told = owner.explain(model, "right1", options(analogy=("LEFT1", "LEFT2")))
    assert str(told).startswith("LEFT1 is to right1 as LEFT2 is to right2")
