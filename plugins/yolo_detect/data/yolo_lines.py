"""One line of a YOLO label file: its content, and a hint if it is not a box.

The tools that write such files share the five numbers of a box, `class cx cy w h`, and add to them
or replace them: a confidence, a track number, the corners of a polygon, keypoints. Unambiguous
lines are read; the others are refused with the likely reason.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

LAST_DIGIT = 1e-6  # rounding of labels: an edge may be this far outside without a warning
CLIPPED = 0.01  # a box may exceed the image by this share of the side; it is clipped
_MOST_UNNAMED = 10_000  # largest plausible number of unnamed classes
_BOX = "class cx cy w h"

Row = tuple[float, float, float, float, float]  # class, cx, cy, w, h


class WrongLine(Exception):
    """A line that cannot be read; the text says what was expected and what the line looks like."""


@dataclass(frozen=True)
class LineFormat:
    """The allowed content of label lines.

    Attributes:
        classes: number of classes; None if unknown.
        names: their names, for messages.
        keypoints: numbers after the box in keypoint rows; 0 if none are expected.
    """

    classes: int | None = None
    names: tuple[str, ...] = ()
    keypoints: int = 0

    @property
    def limit(self) -> int:
        """The upper bound (exclusive) of class numbers."""
        return _MOST_UNNAMED if self.classes is None else self.classes


def read_line(line: str, form: LineFormat) -> tuple[str, Row | tuple[()]]:
    """Read a line.

    Returns:
        the kind, "box", "clipped", "polygon", "keypoints" or "comment", and class, cx, cy, w,
        h as fractions of the image; an empty row for a comment.

    Raises:
        WrongLine: it is not a valid box.
    """
    words = _words(line.partition("#")[0])
    if not words:
        return "comment", ()
    if len(words) >= 5:
        _check_numbers(words, form)
    kind = _kind(words, form)
    label, *values = map(float, words)
    _check_class(words[0], label, form.classes)
    if kind == "polygon":
        edges = _corners(values)
    else:
        edges = _edges(words[1:5], values[:4])
    inside = tuple(min(max(edge, 0.0), 1.0) for edge in edges)
    x1, y1, x2, y2 = inside
    if x1 >= x2 or y1 >= y2:
        raise WrongLine(f"expected a {kind} with extent inside the image, got {_some(words[1:])}")
    if kind != "polygon" and all(
        abs(a - b) <= LAST_DIGIT for a, b in zip(inside, edges, strict=True)
    ):
        return kind, (label, values[0], values[1], values[2], values[3])
    clipped = kind == "box" and inside != edges
    return "clipped" if clipped else kind, (label, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)


def _words(text: str) -> list[str]:
    """Split at blanks and tabs, or at commas between all values."""
    if "," not in text:
        return text.split()
    values = text.strip().rstrip(",").split(",")
    lengths = {len(value.split()) for value in values}
    if lengths != {1}:
        looks = "an empty value between commas" if 0 in lengths else "decimal commas, write 0.5"
        raise WrongLine(
            f"expected 5 numbers ({_BOX}), got {text.strip()!r:.60}; it looks like {looks}"
        )
    return [value.strip() for value in values]


def _kind(words: list[str], form: LineFormat) -> str:
    """Determine the kind of a line from its length and its integers."""
    count = len(words)
    if count == 5:
        return "box"
    if form.keypoints and count == 5 + form.keypoints:
        return "keypoints"
    if count == 6:
        raise WrongLine(f"expected 5 numbers ({_BOX}), got 6; {_sixth(words[5])}")
    if count == 7 and re.fullmatch(r"\d+", words[6]) and re.match(r"[01]?\.|[01]$", words[5]):
        raise WrongLine(
            f"expected 5 numbers ({_BOX}), got 7; it looks like a prediction with confidence "
            f"{words[5]} of track {words[6]} (write {words[6]}.0 for the corner of a polygon)"
        )
    keypoints = _visibilities(words)
    if keypoints:
        raise WrongLine(
            f"expected 5 numbers ({_BOX}), got {count}; it looks like a box with {keypoints} "
            f"keypoints (x y visibility), name kpt_shape: [{keypoints}, 3] in the YAML file"
        )
    if count >= 7 and count % 2:
        return "polygon"
    raise WrongLine(f"expected 5 numbers ({_BOX}), got {count}{_other_format(words)}")


def _sixth(word: str) -> str:
    if re.fullmatch(r"\d{2,}|[2-9]", word):
        return f"the sixth may be the number of a track ({word}), leave it out"
    return (
        f"the sixth may be the confidence of a prediction ({word}); predictions are no true "
        "objects, leave it out where they are"
    )


def _visibilities(words: list[str]) -> int:
    """Return the number of keypoints after the box, if every third number is a visibility."""
    count, rest = divmod(len(words) - 5, 3)
    if rest or count < 1:
        return 0
    seen = {float(word) if _is_number(word) else -1.0 for word in words[7::3]}
    # Corners of a polygon on the image edges are also 0 or 1.
    certain = len(words) % 2 == 0 or count > 2 or 2.0 in seen
    return count if seen <= {0.0, 1.0, 2.0} and certain else 0


def _other_format(words: list[str]) -> str:
    if len(words) == 4:
        return "; the class may be missing"
    if len(words) == 1 and ";" in words[0]:
        return "; it looks like semicolons, separate by blanks"
    return "; it looks like a polygon with half a corner" if len(words) > 7 else ""


def _is_number(word: str) -> bool:
    try:
        return word.isascii() and "_" not in word and math.isfinite(float(word))
    except ValueError:
        return False


def _check_numbers(words: list[str], form: LineFormat) -> None:
    for word in words:
        if not _is_number(word):
            hint = ""
            if len(words) in (15, 16) and word is words[0]:
                hint = "; it looks like KITTI's format, convert it first"
            elif len(words) in (9, 10) and word is words[8]:
                hint = "; it looks like DOTA's format, convert it first"
            elif word is words[0]:
                hint = "; write the number of the class"
                if word in form.names:
                    hint += f", {word!r:.40} is {form.names.index(word)}"
            raise WrongLine(
                f"expected {len(words)} finite numbers ({_BOX}), got {word!r:.40}{hint}"
            )


def _check_class(word: str, number: float, count: int | None) -> None:
    if not number.is_integer() or number < 0:
        raise WrongLine(f"expected the class as a whole number from 0, got {word}")
    if count is not None and number >= count:
        are = "is 1 class, 0" if count == 1 else f"are {count} classes, 0 to {count - 1}"
        raise WrongLine(f"class {word} is out of range: there {are}")
    if count is None and number >= _MOST_UNNAMED:
        raise WrongLine(f"expected a class below {_MOST_UNNAMED}, got {word}; name the classes")


def _edges(words: list[str], values: list[float]) -> tuple[float, ...]:
    """Return x1, y1, x2, y2 of a box, as fractions of the image."""
    for name, word, number in zip(("cx", "cy", "w", "h"), words, values, strict=True):
        if not -CLIPPED <= number <= 1 + 2 * CLIPPED:
            pixels = "; are these pixels?" if number > 2 else ""
            raise WrongLine(f"expected {name} in 0..1, as part of the image, got {word}{pixels}")
    x, y, w, h = values
    if w <= 0 or h <= 0:
        raise WrongLine(f"expected a box with extent, got w {words[2]} and h {words[3]}")
    edges = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    over = max(-edges[0], -edges[1], edges[2] - 1, edges[3] - 1)
    if over > CLIPPED + LAST_DIGIT:
        raise WrongLine(
            f"the box {' '.join(words)} reaches {over:.2%} of the side over the edge; at most "
            f"{CLIPPED:.0%} is clipped"
        )
    return edges


def _corners(values: list[float]) -> tuple[float, ...]:
    """Return x1, y1, x2, y2 of the box around a polygon, as fractions of the image."""
    edges = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    for edge in edges:
        if not -CLIPPED - LAST_DIGIT <= edge <= 1 + CLIPPED + LAST_DIGIT:
            pixels = "; are these pixels?" if edge > 2 else ""
            raise WrongLine(
                f"it looks like a polygon of {len(values) // 2} corners; expected them in 0..1, as "
                f"parts of the image, got {edge:g}{pixels}"
            )
    return edges


def _some(words: list[str]) -> str:
    return " ".join(words[:8]) + (" ..." if len(words) > 8 else "")
