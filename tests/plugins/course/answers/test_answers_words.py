"""Answers of assignments 5 and 5_2 against PyTorch, SciPy and the product itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.linalg import orthogonal_procrustes
from torch_oracle import agree, tensor

from nntasks.plugins.course.answers import words
from nntasks.plugins.embedding_analysis.measures.association import WeatTest, weat
from nntasks.plugins.embeddings.vectors import KeyedVectors


def test_the_skipgram_step(rng):
    inputs, outputs = rng.normal(size=(8, 5)), rng.normal(size=(8, 5))
    negatives = np.array([1, 6, 1])
    ti, to = tensor(inputs), tensor(outputs)
    loss = -F.logsigmoid(ti[2] @ to[4]) - F.logsigmoid(-(to[torch.tensor(negatives)] @ ti[2])).sum()
    loss.backward()
    own, other = inputs.copy(), outputs.copy()
    assert words.skipgram_step(own, other, 2, 4, negatives, 0.1) == pytest.approx(loss.item())
    agree(own, ti - 0.1 * ti.grad)
    agree(other, to - 0.1 * to.grad)


def test_analogies(rng):
    names = [f"w{number}" for number in range(50)]
    vectors = rng.normal(size=(50, 9)).astype(np.float32)
    keyed = KeyedVectors.of(names, vectors)
    for a, b, c in rng.permuted(np.tile(np.arange(50), (10, 1)), axis=1)[:, :3].tolist():
        ((word, _),) = keyed.most_similar([names[b], names[c]], [names[a]], topn=1)
        assert names[words.analogy(vectors.astype(float), a, b, c)] == word


def test_procrustes(rng):
    source, target = rng.normal(size=(20, 6)), rng.normal(size=(20, 6))
    theirs, _ = orthogonal_procrustes(source, target)
    np.testing.assert_allclose(words.procrustes(source, target), theirs, atol=1e-12)


def test_weat(rng):
    names = [f"w{number}" for number in range(20)]
    vectors = rng.normal(size=(20, 6)).astype(np.float32)
    groups = [names[:6], names[6:11], names[11:15], names[15:]]
    theirs = weat(KeyedVectors.of(names, vectors), WeatTest("t", *groups), permutations=100, seed=0)
    ours = words.weat_effect(vectors[:6], vectors[6:11], vectors[11:15], vectors[15:])
    assert ours == pytest.approx(theirs.effect, rel=1e-5)


def test_the_noise_distribution_by_hand():
    found = words.noise_distribution(np.array([16, 1, 81]))
    assert found == pytest.approx(np.array([8, 1, 27]) / 36)
    assert words.noise_distribution(np.array([3, 1]), 0).tolist() == [0.5, 0.5]
