"""`explain` tells the truth: its numbers are those of decoding and NMS, done another way here."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from nntasks.errors import UsageError
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.explanation import explain_box, explain_row
from nntasks.plugins.yolo_detect.inference.decoding import decode
from nntasks.plugins.yolo_detect.inference.letterbox import fit_square
from nntasks.plugins.yolo_detect.network import STRIDES


@pytest.fixture(scope="module")
def photograph(real_data, reference):
    return real_data / reference["images"][0]["file"]


@pytest.fixture(scope="module")
def rows(public_model, photograph):
    """Return all decoded rows: cx, cy, w, h, objectness, classes."""
    square, _ = fit_square(read_image(photograph), 640)
    pixels = torch.from_numpy(square).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        raw = public_model.module.eval()(pixels)
    return decode(raw, public_model.module.head.anchors, STRIDES)[0].double().numpy()


def corners(row):
    return np.concatenate([row[:2] - row[2:4] / 2, row[:2] + row[2:4] / 2])


def iou(a, b):
    inside = np.prod(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0))
    return inside / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inside)


@pytest.fixture(scope="module")
def fates(rows, public_model):
    """Return the fate of every row by a plain loop: "low", "kept", or the row it gave way to."""
    config = public_model.config
    scores = rows[:, 4] * rows[:, 5:].max(1)
    labels = rows[:, 5:].argmax(1)
    fates, kept = {}, []
    for row in np.argsort(-scores, kind="stable"):
        if rows[row, 4] <= config.confidence or scores[row] <= config.confidence:
            continue
        rivals = (
            other
            for other in kept
            if labels[other] == labels[row]
            and iou(corners(rows[other]), corners(rows[row])) > config.iou
        )
        fates[row] = next(rivals, "kept")
        if fates[row] == "kept":
            kept.append(row)
    return fates, kept


class TestRows:
    def test_every_candidate_has_the_fate_of_a_plain_loop(
        self, public_model, photograph, rows, fates
    ):
        fates, kept = fates
        assert len(kept) >= 5
        suppressed = [row for row, fate in fates.items() if fate != "kept"]
        assert suppressed
        for row in [*kept[:4], *suppressed[:8]]:
            told = explain_row(public_model, public_model.config, photograph, int(row))
            assert told.network_box == pytest.approx(corners(rows[row]), abs=0.01)
            assert told.score == pytest.approx(rows[row, 4] * rows[row, 5:].max(), abs=1e-5)
            if fates[row] == "kept":
                assert (told.fate, told.rank) == ("kept", kept.index(row))
                assert told.suppressed_rows == tuple(
                    sorted(int(r) for r, fate in fates.items() if fate == row)
                )
            else:
                assert told.fate == "suppressed"
                assert told.suppressor.row == fates[row]
                assert kept[told.suppressor.box] == fates[row]
                expected = iou(corners(rows[row]), corners(rows[fates[row]]))
                assert told.suppressor.iou == pytest.approx(expected, abs=1e-4)

    def test_a_row_without_an_object(self, public_model, photograph):
        told = explain_row(public_model, public_model.config, photograph, 0)
        assert (told.level, told.stride, told.grid_row, told.grid_column) == (0, 8, 0, 0)
        assert told.anchor_size == (10, 13)
        assert told.fate == "low objectness"
        assert "dropped: its objectness" in str(told)

    def test_an_object_of_no_clear_class(self, public_model, photograph, rows):
        confidence = public_model.config.confidence
        scores = rows[:, 4] * rows[:, 5:].max(1)
        unclear = np.flatnonzero((rows[:, 4] > confidence) & (scores < confidence))
        told = explain_row(public_model, public_model.config, photograph, int(unclear[0]))
        assert told.fate == "low score"

    def test_more_boxes_than_are_wanted(self, public_model, photograph, fates):
        _, kept = fates
        config = public_model.config.model_copy(update={"max_detections": 2})
        told = explain_row(public_model, config, photograph, int(kept[2]))
        assert told.fate == "beyond the limit"

    def test_the_last_row_and_no_more(self, public_model, photograph):
        told = explain_row(public_model, public_model.config, photograph, 25_199)
        assert (told.level, told.anchor, told.grid_row, told.grid_column) == (2, 2, 19, 19)
        with pytest.raises(UsageError, match="expected a row from 0 to 25199, got 25200"):
            explain_row(public_model, public_model.config, photograph, 25_200)


class TestBoxes:
    def test_a_box_is_the_row_it_came_from(self, public_model, photograph, fates, reference):
        _, kept = fates
        told = explain_box(public_model, public_model.config, photograph, 1)
        assert told.row == kept[1]
        expected = reference["images"][0]["detect_conf0.25_iou0.45"][1]
        assert told.box == pytest.approx(expected["box"], abs=0.5)
        assert told.label == expected["name"]
        text = str(told)
        assert f"row {told.row} of 25200" in text
        assert "kept as box 1" in text

    def test_there_are_not_so_many(self, public_model, photograph, fates):
        most = len(fates[1])
        with pytest.raises(UsageError, match=f"expected box=0 to box={most - 1}"):
            explain_box(public_model, public_model.config, photograph, most)

    def test_there_is_none(self, public_model, photograph):
        config = public_model.config.model_copy(update={"confidence": 0.999})
        with pytest.raises(UsageError, match=r"has no box above confidence 0\.999"):
            explain_box(public_model, config, photograph, 0)


def test_the_command(cli, photograph, public_weights):
    words = ("explain", "yolo_detect", "--weights", public_weights, photograph, "box=0")
    process = cli(*words, "confidence=0.4", "--json", plugins=())
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout)
    assert told["label"] == "tv"
    assert told["confidence"] == 0.4
    both = cli(*words, "row=1", plugins=())
    assert both.returncode == 2
    assert "expected row=NUMBER or box=NUMBER, one of them" in both.stderr
