"""Assignments 5 and 5_2: checks of a skip-gram step and of what vectors say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import expect, expect_unchanged
from nntasks.interfaces.exercises import Check, Exercise
from nntasks.plugins.course.answers import words as answers


class NoiseExercise(Exercise):
    """The distribution of negatives."""

    assignment = "5"
    reference = staticmethod(answers.noise_distribution)

    def checks(self) -> Iterator[Check]:
        yield Check("values", _noise)


def _noise(student: Any, rng: np.random.Generator) -> None:
    counts = rng.integers(1, 500, 30)
    right = answers.noise_distribution(counts)
    guesses = {
        "has the counts without the power": counts / counts.sum(),
        "is not divided by its sum": counts**0.75,
        "takes the power of the probabilities without normalising again": (counts / counts.sum())
        ** 0.75,
    }
    expect("noise_distribution", "the distribution", student(counts.copy()), right, guesses=guesses)


class SkipgramExercise(Exercise):
    """A step of skip-gram with negative sampling."""

    assignment = "5"
    reference = staticmethod(answers.skipgram_step)

    def checks(self) -> Iterator[Check]:
        yield Check("loss", _step_loss)
        yield Check("centre vector", _step_centre)
        yield Check("output vectors", _step_outputs)
        yield Check("a negative drawn twice", _step_twice)


def _vectors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(9, 6)), rng.normal(size=(9, 6))


_PAIR = (2, 5, np.array([0, 7, 1]))  # centre, context, negatives


def _stepped(step: Any, inputs: np.ndarray, outputs: np.ndarray) -> tuple[Any, ...]:
    own, other = inputs.copy(), outputs.copy()
    centre, context, negatives = _PAIR
    return step(own, other, centre, context, negatives.copy(), 0.1), own, other


def _step_loss(student: Any, rng: np.random.Generator) -> None:
    vectors = _vectors(rng)
    got, right = _stepped(student, *vectors)[0], _stepped(answers.skipgram_step, *vectors)[0]
    scores = vectors[1][_PAIR[2]] @ vectors[0][2]
    flipped = right + (np.logaddexp(0, -scores) - np.logaddexp(0, scores)).sum()
    guesses = {
        "has the wrong sign in the score of the negatives": flipped,
        "is a mean over the words, but must be their sum": right / 4,
        "lacks the negatives": right - np.logaddexp(0, scores).sum(),
    }
    expect("skipgram_step", "the loss", got, right, guesses=guesses)


def _step_centre(student: Any, rng: np.random.Generator) -> None:
    inputs, outputs = _vectors(rng)
    _, own, _ = _stepped(student, inputs, outputs)
    _, right, after = _stepped(answers.skipgram_step, inputs, outputs)
    late, uphill = inputs.copy(), 2 * inputs - right
    words = np.concatenate([[_PAIR[1]], _PAIR[2]])
    error = 1 / (1 + np.exp(-(outputs[words] @ inputs[2]))) - (np.arange(4) == 0)
    late[2] -= 0.1 * error @ after[words]
    guesses = {
        "uses output vectors that have already moved: take all gradients first": late,
        "moves uphill: the step must be subtracted": uphill,
        "does not change: `inputs` must change in place": inputs,
    }
    expect("skipgram_step", "`inputs` after the step", own, right, guesses=guesses)


def _step_outputs(student: Any, rng: np.random.Generator) -> None:
    inputs, outputs = _vectors(rng)
    _, _, other = _stepped(student, inputs, outputs)
    _, own, right = _stepped(answers.skipgram_step, inputs, outputs)
    words = np.concatenate([[_PAIR[1]], _PAIR[2]])
    error = 1 / (1 + np.exp(-(outputs[words] @ inputs[2]))) - (np.arange(4) == 0)
    late, context_alone = outputs.copy(), outputs.copy()
    late[words] -= 0.1 * error[:, None] * own[2]
    context_alone[_PAIR[1]] = right[_PAIR[1]]
    guesses = {
        "uses a centre vector that has already moved: take all gradients first": late,
        "moves the context alone; the negatives must move too": context_alone,
        "moves uphill: the step must be subtracted": 2 * outputs - right,
        "does not change: `outputs` must change in place": outputs,
    }
    expect("skipgram_step", "`outputs` after the step", other, right, guesses=guesses)


def _step_twice(student: Any, rng: np.random.Generator) -> None:
    inputs, outputs = _vectors(rng)
    negatives = np.array([3, 3, 8])
    results = []
    for step in (student, answers.skipgram_step):
        own, other = inputs.copy(), outputs.copy()
        step(own, other, 2, 5, negatives.copy(), 0.1)
        results.append(other)
    got, right = results
    once = right.copy()
    once[3] = (outputs[3] + right[3]) / 2
    guesses = {"counts a negative that was drawn twice only once, as `m[rows] -=` does": once}
    where = "skipgram_step with a negative drawn twice"
    expect(where, "`outputs` after the step", got, right, guesses=guesses)


class AnalogyExercise(Exercise):
    """Analogies by 3CosAdd."""

    assignment = "5_2"
    reference = staticmethod(answers.analogy)

    def checks(self) -> Iterator[Check]:
        yield Check("answers", _analogy_answers)
        yield Check("the words of the question must be excluded", _analogy_question)


def _analogy_answers(student: Any, rng: np.random.Generator) -> None:
    vectors = rng.normal(size=(40, 8)) * rng.uniform(0.2, 5, size=(40, 1))
    questions = [rng.choice(40, 3, replace=False).tolist() for _ in range(20)]
    got = [student(vectors.copy(), a, b, c) for a, b, c in questions]
    right = [answers.analogy(vectors, a, b, c) for a, b, c in questions]
    guesses = {
        "are of vectors with their lengths; use vectors of length 1": [
            _by(vectors, vectors, *question) for question in questions
        ],
        "have a and b exchanged": [answers.analogy(vectors, b, a, c) for a, b, c in questions],
    }
    expect("analogy", "the answers to 20 questions", got, right, guesses=guesses)


def _by(vectors: np.ndarray, lengths: np.ndarray, a: int, b: int, c: int) -> int:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = unit @ (lengths[b] - lengths[a] + lengths[c])
    scores[[a, b, c]] = -np.inf
    return int(scores.argmax())


def _analogy_question(student: Any, rng: np.random.Generator) -> None:
    vectors = np.array([[1.0, 0, 0.1], [1, 0, 0], [0, 1, 0], [0, 0.6, 0.8]])
    guesses = {"is a word of the question": 2}
    where = "analogy whose nearest word is in the question"
    expect(where, "the answer", student(vectors, 0, 1, 2), 3, guesses=guesses)


class ProcrustesExercise(Exercise):
    """Aligning two sets of vectors."""

    assignment = "5_2"
    reference = staticmethod(answers.procrustes)

    def checks(self) -> Iterator[Check]:
        yield Check("a known rotation is recovered", _procrustes_rotation)
        yield Check("nearest rotation of noisy points", _procrustes_noise)


def _procrustes_rotation(student: Any, rng: np.random.Generator) -> None:
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    source = rng.normal(size=(30, 5))
    got = student(source.copy(), source @ turn)
    guesses = {"turns the target back to the source: it is transposed": turn.T}
    expect("procrustes", "the matrix", got, turn, guesses=guesses)


def _procrustes_noise(student: Any, rng: np.random.Generator) -> None:
    source, target = rng.normal(size=(30, 4)), rng.normal(size=(30, 4))
    given = source.copy()
    got = student(given, target.copy())
    right = answers.procrustes(source, target)
    least = np.linalg.lstsq(source, target, rcond=None)[0]
    guesses = {
        "is that of least squares, which is not orthogonal": least,
        "turns the target back to the source: it is transposed": right.T,
    }
    expect("procrustes of two clouds", "the matrix", got, right, guesses=guesses)
    expect_unchanged("procrustes", "source", given, source)


class WeatExercise(Exercise):
    """WEAT's effect size."""

    assignment = "5_2"
    reference = staticmethod(answers.weat_effect)

    def checks(self) -> Iterator[Check]:
        yield Check("values", _weat_values)


def _weat_values(student: Any, rng: np.random.Generator) -> None:
    groups = [rng.normal(size=(size, 6)) * 3 for size in (5, 7, 4, 6)]
    right = answers.weat_effect(*groups)
    x, y, a, b = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in groups)
    of_x, of_y = ((m @ a.T).mean(1) - (m @ b.T).mean(1) for m in (x, y))
    difference, both = of_x.mean() - of_y.mean(), np.concatenate([of_x, of_y])
    guesses = {
        "uses a standard deviation divided by N instead of N - 1": difference / both.std(),
        "is not divided by the standard deviation": difference,
    }
    got = student(*(group.copy() for group in groups))
    expect("weat_effect", "the effect size", got, right, guesses=guesses)
