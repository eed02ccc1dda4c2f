"""The model: its first weights, its loss, its boxes, and what it does before training."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nntasks.interfaces import DataInfo
from nntasks.plugins.yolo_detect.model import MEDIUM, PICO, SMALL, image_size
from nntasks.plugins.yolo_detect.network import COCO_ANCHORS, STRIDES
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample
from nntasks.plugins.yolo_detect.training.augmentation import Augmentation
from nntasks.plugins.yolo_detect.training.splits import DetectionSplit
from nntasks.seeding import Seeds

INFO = DataInfo(("cat", "dog"))


@pytest.fixture
def made(detection_task):
    """Return a function that makes the smallest model for squares of 64 pixels."""

    def make(seed=0, **keys):
        config = detection_task(**{"image_size": 64, "eval_confidence": 0, **keys}).config
        return PICO(config, INFO, Seeds(seed))

    return make


def split_of(boxes, count=3):
    """Return pictures of 64 x 64 pixels that all have these boxes."""
    truth = GroundTruth.from_boxes(boxes, np.zeros(len(boxes)))
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    samples = [Sample(n, pictures[n].copy, truth) for n in range(count)]
    return DetectionSplit(samples, 64, Augmentation(), Seeds(0))


def test_weights_follow_from_the_seed_alone(made):
    torch.manual_seed(1)
    first = made().module.state_dict()
    torch.manual_seed(2)
    same, other = made().module.state_dict(), made(seed=1).module.state_dict()
    assert all(torch.equal(value, same[name]) for name, value in first.items())
    assert not torch.equal(first["model.0.conv.weight"], other["model.0.conv.weight"])


def test_sizes_differ_in_width_and_depth(detection_task):
    config = detection_task(image_size=64).config
    counts = []
    for size in (PICO, SMALL, MEDIUM):
        model = size(config, INFO, Seeds(0))
        assert model.name == size.name
        counts.append(sum(p.numel() for p in model.module.parameters()))
    assert counts[0] < counts[1] < counts[2]


def test_the_side_is_the_key_or_that_of_the_data_or_640(detection_task):
    with_key, without = (detection_task(image_size=s).config for s in (96, None))
    data = DataInfo(("cat",), (3, 128, 128))
    assert image_size(with_key, data) == 96
    assert image_size(without, data) == 128
    assert image_size(without, INFO) == image_size(without, None) == 640


def test_the_loss_is_a_number_with_its_parts_and_gradients(made):
    model = made()
    batch = split_of([[8, 8, 40, 40]]).batch([0, 1], epoch=0)
    model.train_mode()
    loss, parts = model.loss(model.module, batch)
    assert loss.ndim == 0
    assert torch.isfinite(loss)
    assert len(parts) == 3
    loss.backward()
    assert all(p.grad is not None for p in model.module.parameters())


def test_boxes_are_limited_and_fall_by_score(made):
    model = made(max_detections=7)
    found = model.predict(split_of([[8, 8, 40, 40]]).batch([2, 0]))
    assert len(found) == 2
    for one in found:
        assert len(one.scores) == 7
        assert (np.diff(one.scores) <= 0).all()
        assert one.boxes.min() >= 0
        assert one.boxes.max() <= 64


def test_boxes_do_not_depend_on_the_batch_or_the_mode(made):
    model, split = made(max_detections=5), split_of([[8, 8, 40, 40]])
    together = model.predict(split.batch([0, 1]))[1]
    model.train_mode()
    alone = model.predict(split.batch([1]))[0]
    np.testing.assert_allclose(together.scores, alone.scores, atol=1e-6)
    np.testing.assert_allclose(together.boxes, alone.boxes, atol=1e-3)


class TestBeforeTraining:
    def prepared(self, model, boxes):
        said = []
        model.prepare_training(split_of(boxes), SimpleNamespace(say=said.append))
        strides = torch.tensor(STRIDES).view(-1, 1, 1)
        return said, (model.module.head.anchors * strides).tolist()

    def test_anchors_that_fit_are_kept(self, made):
        said, anchors = self.prepared(made(), [[0, 0, 16, 30], [0, 0, 33, 23]])
        assert said == []
        assert np.ravel(anchors).tolist() == pytest.approx(np.ravel(COCO_ANCHORS).tolist())

    def test_anchors_that_do_not_are_fitted_and_it_is_said(self, made):
        said, anchors = self.prepared(made(), [[0, 0, 60, 1], [0, 0, 64, 2]])
        assert said == [
            "anchors fitted to the data: 100.0% of the objects can be assigned, 0.0% before"
        ]
        shapes = {tuple(np.round(one, 3)) for level in anchors for one in level}
        assert shapes == {(60, 1), (64, 2)}

    def test_given_anchors_are_kept_in_any_case(self, made):
        said, anchors = self.prepared(made(anchors="given"), [[0, 0, 60, 1]])
        assert said == []
        assert np.ravel(anchors).tolist() == pytest.approx(np.ravel(COCO_ANCHORS).tolist())

    def test_without_objects_there_is_nothing_to_fit(self, made):
        said, anchors = self.prepared(made(), np.empty((0, 4)))
        assert said == []
        assert np.ravel(anchors).tolist() == pytest.approx(np.ravel(COCO_ANCHORS).tolist())

    def test_more_objects_make_the_head_expect_more(self, made):
        means = []
        for count in (1, 20):
            model = made()
            self.prepared(model, [[0, 0, 16, 30]] * count)
            bias = model.module.head.m[0].bias.detach().view(3, -1)
            means.append(float(bias[:, 4].mean()))
        assert means[1] - means[0] == pytest.approx(np.log(20), abs=1e-4)


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_norms_keep_their_statistics_in_training(made, freeze):
    model = made(freeze_norm=freeze)
    before = model.module.model[0].bn.running_mean.clone()
    model.train_mode()
    model.loss(model.module, split_of([[8, 8, 40, 40]]).batch([0], epoch=0))
    assert torch.equal(model.module.model[0].bn.running_mean, before) == freeze
    assert model.module.training
