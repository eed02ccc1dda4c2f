"""Rows and pictures of `predict`, and files that cannot be read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from small_model import small_model

from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.inference.detector import Detector
from nntasks.plugins.yolo_detect.inference.prediction import predict_files


@pytest.fixture(scope="module")
def model():
    return small_model(max_detections=5, backend="eager")


@pytest.fixture
def files(tmp_path):
    """Return two pictures, and a file between them that is none."""
    paths = [tmp_path / name for name in ("a.png", "bad.png", "b.png")]
    rng = np.random.default_rng(0)
    for path in (paths[0], paths[2]):
        Image.fromarray(rng.integers(0, 256, (50, 80, 3), dtype=np.uint8)).save(path)
    paths[1].write_bytes(b"no picture")
    return paths


def test_rows_are_the_boxes_of_the_detector_by_rank(model, files):
    first, *_ = predict_files(model, model.config, files)
    found = Detector.of(model, model.config).detect(files[0])
    assert len(first.records) == 5
    assert list(first.records[0]) == ["box", "label", "class", "score", "x1", "y1", "x2", "y2"]
    for rank, row in enumerate(first.records):
        assert row["box"] == rank
        assert row["label"] == found.labels[rank]
        assert row["class"] == ("cat", "dog")[row["label"]]
        assert row["score"] == round(float(found.scores[rank]), 6)
        corners = [row[key] for key in ("x1", "y1", "x2", "y2")]
        assert corners == np.round(found.boxes[rank], 2).tolist()
    assert {type(value) for value in first.records[0].values()} == {int, str, float}


def test_a_file_that_cannot_be_read_stops_no_other(model, files):
    first, bad, last = predict_files(model, model.config, files)
    assert "bad.png" in bad.problem
    assert bad.records == ()
    assert not first.problem
    assert not last.problem
    assert len(last.records) == 5


def test_pictures_have_their_size_and_show_the_boxes(model, files):
    first, *_ = predict_files(model, model.config, files)
    drawn = np.asarray(first.picture)
    assert drawn.shape == (50, 80, 3)
    assert (drawn != read_image(files[0])).any()


def test_without_boxes_the_picture_is_as_it_was(model, files):
    config = model.config.model_copy(update={"confidence": 0.999})
    first, *_ = predict_files(model, config, files)
    assert list(first.records) == []
    np.testing.assert_array_equal(np.asarray(first.picture), read_image(files[0]))
