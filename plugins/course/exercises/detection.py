"""Assignment 3: checks of decoding, IoU and NMS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import expect, expect_unchanged
from nntasks.grading.timing import at_most_as_slow
from nntasks.interfaces.exercises import Check, Exercise, Miss
from nntasks.plugins.course.answers import detection as answers

Shapes = dict[tuple[int, ...], str]


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return (count, 4) boxes xyxy, many of which overlap."""
    corner = 60 * rng.random((count, 2))
    return np.concatenate([corner, corner + 5 + 25 * rng.random((count, 2))], axis=1)


class DecodeExercise(Exercise):
    """Reading the output tensor."""

    assignment = "3"
    reference = staticmethod(answers.decode_rows)

    def checks(self) -> Iterator[Check]:
        yield Check("boxes", _decoded_boxes)
        yield Check("scores and labels", _decoded_scores)
        yield Check("nothing above the threshold", _decoded_nothing)


def _rows(rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([10 + 50 * rng.random((40, 4)), rng.random((40, 6))], axis=1)


def _decoded_boxes(student: Any, rng: np.random.Generator) -> None:
    rows = _rows(rng)
    given = rows.copy()
    got, right = student(given, 0.3)[0], answers.decode_rows(rows, 0.3)[0]
    chosen = rows[rows[:, 4] * rows[:, 5:].max(axis=1) > 0.3]
    by_objectness = answers.decode_rows(rows, 0.0)[0][rows[:, 4] > 0.3]
    guesses = {
        "are still centres and sides instead of corners": chosen[:, :4],
        "take the centre as the upper left corner": np.concatenate(
            [chosen[:, :2], chosen[:, :2] + chosen[:, 2:4]], axis=1
        ),
    }
    shapes = {by_objectness.shape: "are chosen by objectness alone instead of by the score"}
    expect("decode_rows", "the boxes", got, right, shapes=shapes, guesses=guesses)
    expect_unchanged("decode_rows", "rows", given, rows)


def _decoded_scores(student: Any, rng: np.random.Generator) -> None:
    rows = _rows(rng)
    _, scores, labels = student(rows.copy(), 0.3)
    _, right, right_labels = answers.decode_rows(rows, 0.3)
    chosen = rows[rows[:, 4] * rows[:, 5:].max(axis=1) > 0.3]
    guesses = {
        "are the objectness alone": chosen[:, 4],
        "are the class probabilities alone": chosen[:, 5:].max(axis=1),
    }
    expect("decode_rows", "the scores", scores, right, guesses=guesses)
    guesses = {"count objectness as a class": right_labels + 1}
    expect("decode_rows", "the labels", labels, right_labels, guesses=guesses)


def _decoded_nothing(student: Any, rng: np.random.Generator) -> None:
    boxes, scores, _ = student(_rows(rng), 1.0)
    where = "decode_rows with no row above the threshold"
    expect(where, "the boxes", boxes, np.zeros((0, 4)))
    expect(where, "the scores", scores, np.zeros(0))


class BoxIouExercise(Exercise):
    """IoU of boxes."""

    assignment = "3"
    reference = staticmethod(answers.box_iou)

    def checks(self) -> Iterator[Check]:
        yield Check("values", _iou_values)
        yield Check("apart and touching", _iou_apart)
        yield Check("empty boxes", _iou_empty)
        yield Check("no boxes", _iou_none)
        yield Check("speed", _iou_speed)


def _iou_values(student: Any, rng: np.random.Generator) -> None:
    a, b = random_boxes(rng, 9), random_boxes(rng, 7)
    right = answers.box_iou(a, b)
    overlap = right * _sums(a, b) / (1 + right)
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    pixels = np.clip(high - low + 1, 0, None).prod(axis=2)
    areas = [(m[:, 2:] - m[:, :2] + 1).prod(axis=1) for m in (a, b)]
    guesses = {
        "is divided by the sum of both areas, which counts the overlap twice": overlap
        / _sums(a, b),
        "is negative or too large for boxes that are apart: clip both sides of the overlap at 0": (
            _unclipped(a, b)
        ),
        "counts edges as one pixel wide, but coordinates are continuous": pixels
        / (areas[0][:, None] + areas[1] - pixels),
    }
    shapes = {
        (7, 9): "is transposed",
        (9,): "compares boxes pair by pair instead of every box with every other",
    }
    expect("box_iou", "the IoU", student(a.copy(), b.copy()), right, shapes=shapes, guesses=guesses)


def _sums(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    of_a, of_b = ((m[:, 2:] - m[:, :2]).prod(axis=1) for m in (a, b))
    return np.asarray(of_a[:, None] + of_b[None, :])


def _unclipped(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    overlap = (high - low).prod(axis=2)
    return np.asarray(overlap / (_sums(a, b) - overlap))


def _iou_apart(student: Any, rng: np.random.Generator) -> None:
    a = np.array([[0.0, 0, 10, 10]])
    b = np.array([[10.0, 0, 20, 10], [12, 12, 20, 20], [15, -20, 25, -12], [0, 0, 10, 10]])
    guesses = {
        "is not 0 for boxes that are apart: clip both sides of the overlap at 0": _unclipped(a, b)
    }
    where = "box_iou of boxes that touch, are apart, and are equal"
    expect(where, "the IoU", student(a, b), [[0.0, 0.0, 0.0, 1.0]], guesses=guesses)


def _iou_empty(student: Any, rng: np.random.Generator) -> None:
    point, box = np.array([[3.0, 3, 3, 3]]), np.array([[0.0, 0, 10, 10]])
    where = "box_iou of boxes without area"
    expect(where, "the IoU", student(point, np.concatenate([point, box])), [[0.0, 0.0]])


def _iou_none(student: Any, rng: np.random.Generator) -> None:
    boxes = random_boxes(rng, 3)
    where = "box_iou with no boxes"
    expect(where, "the IoU", student(np.zeros((0, 4)), boxes), np.zeros((0, 3)))
    expect(where, "the IoU", student(boxes, np.zeros((0, 4))), np.zeros((3, 0)))


def _plain_iou(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    overlap = width * height
    area_a, area_b = (a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1])
    return overlap / (area_a + area_b - overlap)


def _iou_speed(student: Any, rng: np.random.Generator) -> None:
    a = random_boxes(rng, 200)
    rows = a.tolist()
    advice = "let NumPy broadcast (N, 1, 2) against (1, M, 2), without loops"
    at_most_as_slow(
        "box_iou",
        lambda: student(a, a),
        lambda: [[_plain_iou(one, other) for other in rows] for one in rows],
        0.3,
        advice,
    )


class NmsExercise(Exercise):
    """Non-maximum suppression."""

    assignment = "3"
    reference = staticmethod(answers.nms)

    def checks(self) -> Iterator[Check]:
        yield Check("kept boxes", _nms_kept, 2)
        yield Check("chains", _nms_chain)
        yield Check("ties", _nms_ties)
        yield Check("at the threshold", _nms_threshold)
        yield Check("no boxes", _nms_none)
        yield Check("speed", _nms_speed)


def _nms_kept(student: Any, rng: np.random.Generator) -> None:
    boxes, scores = random_boxes(rng, 60), rng.random(60)
    right = answers.nms(boxes, scores, 0.4)
    guesses = {"are in the order of the boxes instead of by falling score": np.sort(right)}
    given = boxes.copy()
    got = _indices(student(given, scores.copy(), 0.4))
    others = {
        "start with the lowest score": answers.nms(boxes, -scores, 0.4),
        "are those without any stronger neighbour, but a dropped box drops no other": (
            _without_chains(boxes, scores, 0.4)
        ),
    }
    shapes = {wrong.shape: mistake for mistake, wrong in others.items()}
    shapes = shapes if right.shape not in shapes else {}
    expect("nms", "the indices", got, right, shapes=shapes, guesses={**guesses, **others})
    expect_unchanged("nms", "boxes", given, boxes)


def _without_chains(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    order = np.argsort(-scores, kind="stable")
    iou = answers.box_iou(boxes[order], boxes[order])
    return np.asarray(order[~(np.triu(iou > threshold, 1)).any(axis=0)])


def _indices(got: Any) -> Any:
    if hasattr(got, "dtype") and got.dtype == bool:
        raise Miss("nms: expected the indices of the kept boxes, got a mask of booleans")
    return got


def _nms_chain(student: Any, rng: np.random.Generator) -> None:
    boxes = np.array([[0.0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]])
    guesses = {"lack a box whose only stronger neighbour was dropped itself": [0]}
    shapes: Shapes = {(1,): "lack the third box, whose only stronger neighbour is dropped itself"}
    got = _indices(student(boxes, np.array([0.9, 0.8, 0.7]), 0.4))
    where = "nms of three boxes in a row"
    expect(where, "the indices", got, [0, 2], shapes=shapes, guesses=guesses)


def _nms_ties(student: Any, rng: np.random.Generator) -> None:
    boxes = np.array([[50.0, 0, 60, 10], [0, 0, 10, 10], [0, 0, 10, 10], [20, 0, 30, 10]])
    guesses = {"take the later of equal scores first": [3, 2, 0]}
    got = _indices(student(boxes, np.full(4, 0.5), 0.5))
    expect("nms with equal scores", "the indices", got, [0, 1, 3], guesses=guesses)


def _nms_threshold(student: Any, rng: np.random.Generator) -> None:
    boxes = np.array([[0.0, 0, 10, 10], [0, 0, 10, 5]])  # an IoU of exactly 0.5
    shapes: Shapes = {(1,): "lack a box whose IoU equals the threshold; only above it is dropped"}
    got = _indices(student(boxes, np.array([0.9, 0.8]), 0.5))
    expect("nms at an IoU of the threshold", "the indices", got, [0, 1], shapes=shapes)


def _nms_none(student: Any, rng: np.random.Generator) -> None:
    expect("nms with no boxes", "the indices", student(np.zeros((0, 4)), np.zeros(0), 0.5), [])


def _nms_speed(student: Any, rng: np.random.Generator) -> None:
    corner = 2000 * rng.random((400, 2))  # far apart: all stay, and every pair has to be compared
    boxes, scores = np.concatenate([corner, corner + 5], axis=1), rng.random(400)
    rows = boxes.tolist()

    def loop() -> list[int]:
        kept: list[int] = []
        for index in np.argsort(-scores).tolist():
            if all(_plain_iou(rows[index], rows[other]) <= 0.5 for other in kept):
                kept.append(index)
        return kept

    advice = "compare the best box with all others at once, by NumPy"
    at_most_as_slow("nms", lambda: student(boxes, scores, 0.5), loop, 0.6, advice)
