"""Exercises of assignments 5 and 5_2: a skip-gram step, and what vectors say."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.words import (
    AnalogyExercise,
    NoiseExercise,
    ProcrustesExercise,
    SkipgramExercise,
    WeatExercise,
)

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (NoiseExercise, "** power", "** 1", "values", "has the counts without the power"),
    (NoiseExercise, "weights / weights.sum()", "weights", "values", "is not divided by its sum"),
    (
        SkipgramExercise,
        "np.add.at(outputs, words, -lr * error[:, None] * v)",
        "outputs[words] -= lr * error[:, None] * v",
        "a negative drawn twice",
        "counts a negative that was drawn twice only once, as `m[rows] -=` does",
    ),
    (
        SkipgramExercise,
        "inputs[centre].copy()",
        "inputs[centre]",
        "output vectors",
        "uses a centre vector that has already moved: take all gradients first",
    ),
    (
        SkipgramExercise,
        "inputs[centre] -=",
        "inputs[centre] +=",
        "centre vector",
        "moves uphill: the step must be subtracted",
    ),
    (
        SkipgramExercise,
        ", scores)).sum()",
        ", scores)).mean()",
        "loss",
        "is a mean over the words, but must be their sum",
    ),
    (
        SkipgramExercise,
        "np.where(truth == 1, -scores, scores)",
        "-scores",
        "loss",
        "has the wrong sign in the score of the negatives",
    ),
    (
        SkipgramExercise,
        "np.add.at(outputs, words,",
        (
            "np.add.at(outputs, words[:1], -lr * error[:1, None] * v)\n    "
            "np.add.at(outputs.copy(), words,"
        ),
        "output vectors",
        "moves the context alone; the negatives must move too",
    ),
    (
        AnalogyExercise,
        "cosines[[a, b, c]] = -np.inf",
        "pass",
        "the words of the question must be excluded",
        "analogy whose nearest word is in the question: the answer is a word of the question",
    ),
    (
        AnalogyExercise,
        "unit[b] - unit[a] + unit[c]",
        "vectors[b] - vectors[a] + vectors[c]",
        "answers",
        "are of vectors with their lengths; use vectors of length 1",
    ),
    (
        AnalogyExercise,
        "unit[b] - unit[a]",
        "unit[a] - unit[b]",
        "answers",
        "have a and b exchanged",
    ),
    (
        ProcrustesExercise,
        "left @ right",
        "(left @ right).T",
        "a known rotation is recovered",
        "turns the target back to the source: it is transposed",
    ),
    (
        ProcrustesExercise,
        "left, _, right = np.linalg.svd(source.T @ target)",
        "return np.linalg.lstsq(source, target, rcond=None)[0]",
        "nearest rotation of noisy points",
        "is that of least squares, which is not orthogonal",
    ),
    (
        WeatExercise,
        "ddof=1",
        "ddof=0",
        "values",
        "uses a standard deviation divided by N instead of N - 1",
    ),
    (
        WeatExercise,
        " / np.concatenate([of_x, of_y]).std(ddof=1)",
        "",
        "values",
        "is not divided by the standard deviation",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        NoiseExercise,
        SkipgramExercise,
        AnalogyExercise,
        ProcrustesExercise,
        WeatExercise,
    )
    planted = PLANTED
