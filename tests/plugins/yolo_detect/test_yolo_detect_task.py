"""The task: its data, weights from elsewhere, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Splits, Task
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.plugins.yolo_detect.network import SIZES, YoloV5
from nntasks.plugins.yolo_detect.task import ExplainOptions

SMALL = {"data.train": 3, "data.validation": 2, "data.test": 2, "data.size": 64}


@pytest.fixture
def weights(tmp_path):
    """Return the file of untrained weights of three classes."""
    torch.manual_seed(0)
    state = YoloV5(3, *SIZES["yolov5p"]).state_dict()
    save_file({key: value.contiguous() for key, value in state.items()}, tmp_path / "w.safetensors")
    return tmp_path / "w.safetensors"


def test_images_are_fitted_to_the_networks_input(detection_task):
    splits = detection_task(**SMALL).load_data()
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [3, 2, 2]
    assert splits.test.size == 64
    assert detection_task(image_size=96, **SMALL).load_data().test.size == 96


def test_parts_may_be_missing_but_the_test(detection_task, monkeypatch):
    task = detection_task(**SMALL)
    whole = task.load_data()
    samples = whole.test.samples
    monkeypatch.setattr(Task, "load_data", lambda self: Splits((), (), samples, whole.info))
    found = task.load_data()
    assert (found.train, found.validation) == (None, None)
    assert len(found.test) == 2
    monkeypatch.setattr(Task, "load_data", lambda self: Splits(samples, (), (), whole.info))
    with pytest.raises(UsageError, match="data=scenes: expected test images, found none"):
        task.load_data()


def test_weights_bring_their_size_and_number_of_classes(detection_task, weights):
    model = detection_task().load_model(weights, None)
    assert (model.name, len(model.classes)) == ("yolov5p", 3)
    named = detection_task(model="yolov5p").load_model(weights, DataInfo(("a", "b", "c")))
    assert named.classes == ("a", "b", "c")


def test_data_of_other_classes_are_refused_for_evaluation(detection_task, weights):
    with pytest.raises(UsageError, match="has 3 classes, but data=scenes has 2"):
        detection_task().load_model(weights, DataInfo(("a", "b")))


@pytest.mark.parametrize("load", ["load_model", "load_pretrained"])
def test_another_model_than_the_weights_are_of_is_refused(detection_task, weights, load):
    task = detection_task(model="yolov5s")
    with pytest.raises(UsageError, match=r"belongs to model=yolov5p, not model=yolov5s; remove m"):
        getattr(task, load)(weights, DataInfo(("a", "b", "c")))


def test_pretrained_weights_keep_a_head_for_as_many_classes(detection_task, weights):
    state = YoloV5(3, *SIZES["yolov5p"]).state_dict()
    same = detection_task().load_pretrained(weights, DataInfo(("a", "b", "c"))).module
    loaded = detection_task().load_model(weights, None).module
    assert all(torch.equal(v, loaded.state_dict()[k]) for k, v in same.state_dict().items())
    other = detection_task().load_pretrained(weights, DataInfo(("a",))).module
    assert other.head.class_count == 1
    body = [key for key in state if not key.startswith("model.24.m.")]
    assert all(torch.equal(other.state_dict()[key], loaded.state_dict()[key]) for key in body)


@pytest.mark.parametrize("given", [{}, {"row": 1, "box": 0}])
def test_one_thing_is_explained_at_a_time(given):
    with pytest.raises(UsageError, match="expected row=NUMBER or box=NUMBER, one of them"):
        build(ExplainOptions, given)
    assert build(ExplainOptions, {"row": 0}).row == 0
    assert build(ExplainOptions, {"box": 2}).box == 2


def test_without_the_metric_of_boxes_there_is_nothing_to_show(detection_task):
    task, outcome = detection_task(), SimpleNamespace(metrics={"other": object()})
    assert task.items(outcome) == []
    assert list(task.cross_checks(outcome)) == []
    assert list(task.tables(outcome)) == list(task.figures(outcome)) == []
    assert task.yardsticks(outcome) == Yardsticks()
    assert task.browser(outcome) is None


def test_more_objects_than_are_counted_is_said(detection_task, monkeypatch):
    from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric

    task, said = detection_task(), []
    metric = DetectionMetric(("cat",))
    monkeypatch.setattr(metric, "crowded", lambda: 4)
    task.context = replace(task.context, warn=said.append)
    list(task.tables(SimpleNamespace(metrics={"detection": metric})))
    assert [line[:40] for line in said] == ["4 images have more than 100 objects of a"]


def test_keys_worth_tuning_are_keys_with_values_that_are_allowed(detection_task):
    task = detection_task()
    for key, text in task.search_space().items():
        assert key in type(task.config).model_fields
        assert text
        first = text.split(",")[0].split(":")[0]
        detection_task(**{key: first})
