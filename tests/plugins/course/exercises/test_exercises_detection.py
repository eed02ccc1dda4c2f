"""Exercises of assignment 3: decoding, IoU and NMS."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.detection import BoxIouExercise, DecodeExercise, NmsExercise

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        DecodeExercise,
        "np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)",
        "rows[:, :4]",
        "boxes",
        "are still centres and sides instead of corners",
    ),
    (
        DecodeExercise,
        "rows[:, 4] * rows[:, 5:].max(axis=1)",
        "rows[:, 4]",
        "scores and labels",
        "decode_rows: the scores",
    ),
    (
        DecodeExercise,
        "rows[:, 5:].argmax(axis=1)",
        "rows[:, 4:].argmax(axis=1)",
        "scores and labels",
        "decode_rows: the labels",
    ),
    (
        DecodeExercise,
        "scores > confidence",
        "scores >= min(confidence, 0.9)",
        "nothing above the threshold",
        "decode_rows with no row above the threshold: the boxes",
    ),
    (
        BoxIouExercise,
        "np.clip(high - low, 0, None)",
        "(high - low)",
        "apart and touching",
        "the IoU is not 0 for boxes that are apart: clip both sides of the overlap at 0",
    ),
    (
        BoxIouExercise,
        "[None, :] - overlap",
        "[None, :]",
        "values",
        "is divided by the sum of both areas, which counts the overlap twice",
    ),
    (BoxIouExercise, "high - low", "high - low + 1", "values", "box_iou: the IoU"),
    (
        BoxIouExercise,
        "return np.divide",
        "a, b = b, a\n    return np.divide(overlap, union).T\n    return np.divide",
        "values",
        "is transposed",
    ),
    (
        NmsExercise,
        "overlap <= threshold * union",
        "overlap < threshold * union",
        "at the threshold",
        "nms at an IoU of the threshold: the indices lack a box whose IoU equals the threshold",
    ),
    (
        NmsExercise,
        "np.array(kept, dtype=np.int64)",
        "np.sort(kept).astype(np.int64)",
        "kept boxes",
        "are in the order of the boxes instead of by falling score",
    ),
    (
        NmsExercise,
        'np.argsort(-scores, kind="stable")',
        'np.argsort(scores, kind="stable")[::-1]',
        "ties",
        "take the later of equal scores first",
    ),
    (
        NmsExercise,
        "return np.array(kept, dtype=np.int64)",
        "return np.isin(np.arange(len(boxes)), kept)",
        "kept boxes",
        "nms: expected the indices of the kept boxes, got a mask of booleans",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        DecodeExercise,
        BoxIouExercise,
        NmsExercise,
    )
    planted = PLANTED
