"""The task that trains the default vectors, and the vectors that it gives."""

from __future__ import annotations

import numpy as np
from word_samples import some_vectors

from nntasks.interfaces import DataInfo
from nntasks.plugins.embedding_analysis.default_vectors import train_vectors, training_task
from nntasks.plugins.embeddings.safetensors_format import to_arrays


def test_data_their_options_and_the_seed_are_handed_on():
    task = training_task("planted", {"sentences": 1234}, 5)
    assert task.context.task == "word2vec"
    assert (task.config.data, task.config.seed) == ("planted", 5)
    assert task.config.data_options == {"sentences": 1234}


class Trained:
    """A model whose training is noted instead of done."""

    def __init__(self):
        self.fitted = []

    def fit(self, train, *, validation, run):
        self.fitted.append((train, validation, run))

    def state(self):
        return to_arrays(some_vectors())


def test_they_are_trained_within_the_run_without_validation():
    model, infos = Trained(), []

    class Task:
        def build_model(self, info):
            infos.append(info)
            return model

    info = DataInfo(details={"vocabulary": 3})
    found = train_vectors(Task(), "the text", info, "the run")
    assert infos == [info]
    assert model.fitted == [("the text", None, "the run")]
    assert found.words == some_vectors().words
    assert np.array_equal(found.counts, some_vectors().counts)
