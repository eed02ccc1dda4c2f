"""The output tensor of public weights on a photograph: shapes, names, decoding, and the boxes."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect import Boxes, nms_steps, open_detector, read_output
from nntasks.plugins.yolo_detect.inference.detector import Detector


@pytest.fixture(scope="module")
def photograph(real_data, reference):
    return real_data / reference["images"][0]["file"]


@pytest.fixture(scope="module")
def output(public_model, photograph):
    return read_output(public_model, photograph)


def test_shape_and_names(output):
    assert output.array.shape == output.logits.shape == (1, 25_200, 85)
    assert output.columns[:7] == ("x", "y", "w", "h", "objectness", "person", "bicycle")
    assert len(output.class_names) == 80
    assert np.array_equal(output["dog"], output.array[0, :, 5 + output.class_names.index("dog")])
    assert output.square.shape == (640, 640, 3)
    with pytest.raises(KeyError, match="no column 'do'"):
        output["do"]


@pytest.mark.parametrize("row", [0, 6400, 19_199, 21_000, 25_199])
def test_rows_decoded_by_hand(output, row):
    place = output.place(row)
    share = 1 / (1 + np.exp(-output.logits[0, row].astype(float)))
    cell = np.array([place["grid column"], place["grid row"]])
    centre = (2 * share[:2] - 0.5 + cell) * place["stride"]
    sides = (2 * share[2:4]) ** 2 * place["anchor size"]
    expected = [*centre, *sides, *share[4:]]
    assert np.allclose(output.array[0, row], expected, rtol=1e-4, atol=1e-5)
    told = output.table([row])[0]
    assert told["score"] == pytest.approx(share[4] * share[5:].max(), rel=1e-4)


def test_candidates_are_the_rows_above_the_threshold(output):
    found = output.candidates(0.25)
    scores = output.scores.max(axis=1)
    rows = np.flatnonzero((scores > 0.25) & (output["objectness"] > 0.25))
    assert found.output_rows.tolist() == rows.tolist()
    assert np.allclose(found.scores, scores[rows], atol=1e-6)
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    assert np.allclose(centres, output.array[0, rows, :2], atol=1e-2)
    several = output.candidates(0.01, multi_label=True)
    assert len(several) == ((output.scores > 0.01) & (output["objectness"] > 0.01)[:, None]).sum()


def test_decoding_and_nms_by_hand_give_what_predict_gives(output, public_model, photograph):
    found = output.in_picture(nms_steps(output.candidates(0.25), 0.45).final)
    limits = {"confidence": 0.25, "iou": 0.45, "max_detections": 300}
    detector = Detector(public_model.module, image_size=640, backend="eager", **limits)
    expected = detector.detect(photograph)
    assert len(found) >= 5
    assert found.labels.tolist() == expected.labels.tolist()
    assert np.allclose(found.boxes, expected.boxes, atol=0.05)
    assert np.allclose(found.scores, expected.scores, atol=1e-3)


def test_arrays_and_files_are_the_same_picture(output, public_weights, photograph):
    again = read_output(open_detector(public_weights), read_image(photograph))
    assert np.array_equal(again.array, output.array)
    assert isinstance(again.candidates(), Boxes)


def test_no_detector_is_one_line(tmp_path, public_model):
    with pytest.raises(UsageError, match="expected a detector of yolo_detect, got dict"):
        read_output({}, np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(UsageError, match=r"nothing\.safetensors"):
        read_output(tmp_path / "nothing.safetensors", np.zeros((8, 8, 3), np.uint8))
