"""YOLO text of a detector: a line `class cx cy w h confidence` per detection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.loose_numbers import finite_number
from nntasks.plugins.yolo_detect.data.yolo_labels import label_text
from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat, WrongLine, read_line

Shares = tuple[float, float, float, float]


def read_scored(
    path: Path, form: LineFormat, faults: Faults
) -> Iterator[tuple[int, float, Shares]]:
    """Yield (class, confidence, (cx, cy, w, h)) of each line; boxes are shares of the image.

    Args:
        path: the file, as in `yolo_labels.read_labels`; repeated lines are kept.
        form: the allowed classes.
        faults: receives one fault, with file and line, for every invalid line.
    """
    for number, line in enumerate(label_text(path, faults).split("\n"), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            yield _detection(words, form)
        except WrongLine as wrong:
            faults.add(f"{path}, line {number}: {wrong}")


def _detection(words: list[str], form: LineFormat) -> tuple[int, float, Shares]:
    if len(words) != 6:
        raise WrongLine(
            f"expected 6 numbers (class cx cy w h confidence), got {len(words)}"
            + ("; a detection needs its confidence" if len(words) == 5 else "")
        )
    confidence = finite_number(words[5])
    if confidence is None or not 0 <= confidence <= 1:
        raise WrongLine(f"expected a confidence in 0..1 as sixth number, got {words[5]:.60}")
    _, row = read_line(" ".join(words[:5]), form)
    assert row  # five words are no comment
    label, x, y, w, h = row
    return int(label), confidence, (x, y, w, h)
