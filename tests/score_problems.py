"""Detection problems, and what other programs say of them (see the README beside the files)."""

from __future__ import annotations

import gzip
import json

import pytest

PROBLEMS = ("usual", "one_class", "ties", "crowded", "tiny", "coco128_val2017")


def problem(real_data, name):
    """Return the truth and the detections of a problem as COCO dictionaries, and the figures."""
    folder = real_data / "score"
    if not (folder / "expected.json").is_file():
        pytest.skip("needs the detection problems: the folder score of the real data sets")
    figures = json.loads((folder / "expected.json").read_text())[name]
    if name == "coco128_val2017":
        annotations = real_data / "coco128" / "annotations" / "instances_val2017_128.json"
        with gzip.open(real_data / "yolov5n" / "predictions_val2017.json.gz") as file:
            return json.loads(annotations.read_text()), json.load(file), figures
    with gzip.open(folder / f"{name}.json.gz") as file:
        both = json.load(file)
    return both["truth"], both["detections"], figures
