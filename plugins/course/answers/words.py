"""Assignments 5 and 5_2: a step of skip-gram, and what vectors of words say."""

from __future__ import annotations

import numpy as np


def noise_distribution(counts: np.ndarray, power: float = 0.75) -> np.ndarray:
    """Return the probabilities (V,) of negatives: counts to a power, divided by their sum."""
    weights = counts.astype(float) ** power
    return weights / weights.sum()


def skipgram_step(
    inputs: np.ndarray,
    outputs: np.ndarray,
    centre: int,
    context: int,
    negatives: np.ndarray,
    lr: float,
) -> float:
    """Take one step of gradient descent on a pair of words; return the loss before it.

    The centre's vector v is a row of `inputs` (V, D). The loss is -log s(v u) for the context's
    vector u, a row of `outputs` (V, D), and -log s(-v u) for each negative; s is the sigmoid.
    Both matrices change in place. All gradients are those at the old vectors. A negative that was
    drawn twice counts twice.
    """
    words = np.concatenate([[context], negatives]).astype(np.int64)
    truth = np.zeros(len(words))
    truth[0] = 1
    v, u = inputs[centre].copy(), outputs[words]  # indexing with an array copies
    scores = u @ v
    loss = np.logaddexp(0, np.where(truth == 1, -scores, scores)).sum()
    error = 1 / (1 + np.exp(-scores)) - truth  # (1 + k,): the gradient by the scores
    inputs[centre] -= lr * error @ u
    np.add.at(outputs, words, -lr * error[:, None] * v)  # adds up for equal words
    return float(loss)


def analogy(vectors: np.ndarray, a: int, b: int, c: int) -> int:
    """Return the row of the word d with "a is to b as c is to d", by 3CosAdd.

    It is the word whose cosine with b - a + c is largest, each of the three at length 1; a, b and c
    themselves are no answers.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ (unit[b] - unit[a] + unit[c])
    cosines[[a, b, c]] = -np.inf
    return int(cosines.argmax())


def procrustes(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the orthogonal matrix W (D, D) that brings source @ W nearest to target (N, D).

    Nearest is by the sum of squares (Schoenemann 1966).
    """
    left, _, right = np.linalg.svd(source.T @ target)
    return left @ right


def weat_effect(x: np.ndarray, y: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Return WEAT's effect size (Caliskan et al. 2017) of two sets of words and two of attributes.

    Rows are vectors. A word's association is its mean cosine with a less that with b. The effect is
    the mean association of x less that of y, divided by the standard deviation (with N - 1) of the
    associations of all words of x and y.
    """
    x, y, a, b = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (x, y, a, b))
    of_x = (x @ a.T).mean(axis=1) - (x @ b.T).mean(axis=1)
    of_y = (y @ a.T).mean(axis=1) - (y @ b.T).mean(axis=1)
    return float((of_x.mean() - of_y.mean()) / np.concatenate([of_x, of_y]).std(ddof=1))
