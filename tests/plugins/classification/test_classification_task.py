"""The base of classification tasks: pictures in, rows and figures out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.plugins.classification.metric import ClassificationMetric
from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.plugins.classification.task import (
    ClassifierTask,
    info_of,
    likeliest,
    pictures_of,
    read_like,
)

CLASSES = ("cat", "dog", "owl")
GREY, COLOUR = DataInfo(CLASSES, (4, 6, 1)), DataInfo(CLASSES, (4, 6, 3))


@pytest.fixture
def task():
    """Return a task without configuration: what is tested here needs none."""
    made = object.__new__(ClassifierTask)
    made.context = SimpleNamespace(task="toy")
    return made


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((5, 4, 6), (4, 6, 1)), ((5, 4, 6, 1), (4, 6, 1)), ((5, 4, 6, 3), (4, 6, 3))],
)
def test_pictures_get_a_channel(task, shape, expected):
    splits = task.splits_of(np.ones(shape), np.arange(5) % 3, CLASSES)
    assert splits.train is splits.validation is splits.test
    assert splits.info.input_shape == expected
    assert splits.train.pictures.dtype == np.uint8
    assert (splits.train.pictures == 255).all()  # floats are shares of 255
    assert splits.train.labels.tolist() == [0, 1, 2, 0, 1]


def test_rows_are_no_pictures(task):
    with pytest.raises(UsageError, match=r"task 'toy' reads pictures: expected .* got \(5, 24\);"):
        task.splits_of(np.ones((5, 24)), np.zeros(5), CLASSES)


class Model:
    """A model that finds the class by the brightness of the first pixel."""

    def __init__(self, info):
        self.info = info

    def predict(self, batch):
        shares = np.full((len(batch.inputs), 3), 0.1)
        shares[:, int(batch.inputs[0].flat[0] > 127)] = 0.8
        return shares


@pytest.mark.parametrize("info", [GREY, COLOUR])
def test_files_are_scaled_and_a_bad_one_stops_no_other(task, tmp_path, info):
    paths = [tmp_path / name for name in ("dark.png", "bad.png", "bright.png")]
    for path, value in ((paths[0], 0), (paths[2], 255)):
        Image.new("RGB", (30, 20), (value,) * 3).save(path)
    paths[1].write_bytes(b"no picture")
    dark, bad, bright = task.predict_sources(Model(info), paths)
    assert [(row["rank"], row["class"]) for row in bright.records] == [
        (1, "dog"),
        (2, "cat"),
        (3, "owl"),
    ]
    assert dark.records[0] == {"rank": 1, "class": "cat", "probability": 0.8}
    assert "bad.png" in bad.problem
    assert bad.records == []
    assert dark.picture.size == (6, 4)
    assert dark.picture.mode == ("L" if info is GREY else "RGB")


def test_a_model_of_other_data_is_refused():
    assert info_of(Model(GREY)) is GREY
    for model in (object(), Model(DataInfo(CLASSES, (24,)))):
        with pytest.raises(UsageError, match="expected a model of pictures, got one of other data"):
            info_of(model)


def test_a_file_is_read_in_the_colours_of_the_data(tmp_path):
    Image.new("RGB", (6, 4), (255, 0, 0)).save(tmp_path / "a.png")
    assert read_like(tmp_path / "a.png", COLOUR)[0, 0].tolist() == [255, 0, 0]
    grey = read_like(tmp_path / "a.png", GREY)
    assert grey.shape == (4, 6, 1)
    assert 50 < grey[0, 0, 0] < 100


def test_the_five_likeliest_classes_by_probability_then_place():
    shares = np.array([0.1, 0.3, 0.1, 0.2, 0.1, 0.2])
    found = likeliest(shares, "abcdef")
    assert list(found) == ["b", "d", "f", "a", "c"]
    assert list(found.values()) == [0.3, 0.2, 0.2, 0.1, 0.1]


def test_pictures_of_a_split_by_id():
    pictures = np.arange(8, dtype=np.uint8).reshape(2, 2, 2, 1)
    found = pictures_of(LabelledPictures(pictures, np.zeros(2), ["x", "y"]))
    assert list(found) == ["x", "y"]
    np.testing.assert_array_equal(found["y"], pictures[1])
    assert pictures_of(LabelledPictures(pictures.reshape(2, 4), np.zeros(2))) is None


def test_the_report_is_that_of_the_metric(task):
    metric = ClassificationMetric(CLASSES)
    metric.update([(0.8, 0.1, 0.1), (0.6, 0.3, 0.1)], [0, 1], ["x", "y"])
    split = LabelledPictures(np.zeros((2, 4, 6, 1), np.uint8), np.array([0, 1]), ["x", "y"])
    outcome = SimpleNamespace(metrics={"c": metric}, values=metric.compute(), split=split)
    assert [row["id"] for row in task.items(outcome)] == ["y", "x"]
    assert all(abs(c.left - c.right) <= c.tolerance for c in task.cross_checks(outcome))
    assert [table.name for table in task.tables(outcome)] == ["classes"]
    assert task.yardsticks(outcome).classes["dog"] == (0, 1)
    names = [figure.name for figure in task.figures(outcome)]
    assert names == ["confusion", "mistakes", "reliability"]


def test_without_the_metric_there_is_no_report(task):
    outcome = SimpleNamespace(metrics={})
    assert task.items(outcome) == list(task.cross_checks(outcome)) == []
    assert list(task.tables(outcome)) == list(task.figures(outcome)) == []
    assert task.yardsticks(outcome) == Yardsticks()
