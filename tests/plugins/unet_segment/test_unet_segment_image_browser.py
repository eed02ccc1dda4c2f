"""The test pictures of a run for its report: outlines of masks and of predictions."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from nntasks.interfaces import DataInfo, Outcome
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.image_browser import KINDS, browser
from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.samples import IGNORED, Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.runner import make_task
from nntasks.seeding import Seeds


class Bright(torch.nn.Module):
    """A network that calls bright pixels objects."""

    def forward(self, x):
        return (x.mean(dim=1) - 0.5) * 20


def sample(name, bright, mask, ignored=()):
    picture, truth = np.zeros((24, 32, 3), np.uint8), np.zeros((24, 32), np.uint8)
    parts = ((bright, 255, picture), (mask, 1, truth), (ignored, IGNORED, truth))
    for part, value, target in parts:
        if part:
            x1, y1, x2, y2 = part
            target[y1:y2, x1:x2] = value
    return Sample(name, lambda: (picture, truth))


@pytest.fixture(scope="module")
def made():
    """The browser of a picture that is right, of one that misses all, and of an empty one."""
    samples = [
        sample("right", (4, 4, 12, 12), (4, 4, 12, 12)),
        sample("missed", (20, 4, 28, 12), (4, 4, 12, 12), (0, 20, 32, 24)),
        sample("empty", (), ()),
    ]
    split = MaskedPictures(samples, None, None, Seeds(0))
    config = make_task("unet_segment", [{}]).config
    model = UnetModel(Bright(), config, DataInfo((), (24, 32, 3)), Seeds(0))
    metric = SegmentationMetric()
    batch = split.batch(range(3))
    metric.update(model.predict(batch), batch.targets, batch.ids)
    return browser(metric, Outcome({"s": metric}, {}, split, [], model))


def kinds(picture):
    return sorted(KINDS[outline.kind].name for outline in picture.outlines)


def by_name(made):
    return {picture.id: picture for picture in made.pictures}


def test_the_lowest_dice_comes_first(made):
    assert [picture.id for picture in made.pictures] == ["missed", "right", "empty"]


def test_every_outline_has_its_kind(made):
    pictures = by_name(made)
    assert kinds(pictures["right"]) == ["mask", "prediction"]
    assert kinds(pictures["missed"]) == ["mask", "not counted", "prediction"]
    assert kinds(pictures["empty"]) == []


def test_outlines_lie_around_their_pixels(made):
    own = by_name(made)["missed"].outlines
    places = {KINDS[o.kind].name: np.reshape(o.points, (-1, 2)) for o in own}
    for name, left in (("mask", 4), ("prediction", 20)):
        assert places[name].min(axis=0) == pytest.approx([left, 4], abs=0.6)
        assert places[name].max(axis=0) == pytest.approx([left + 8, 12], abs=0.6)


def test_pictures_bring_their_numbers_and_pixels(made):
    right = by_name(made)["right"]
    assert (right.width, right.height) == (32, 24)
    assert right.numbers["dice"] == right.numbers["iou"] == 1
    assert (right.numbers["false alarms"], right.numbers["misses"]) == (0, 0)
    with Image.open(io.BytesIO(right.source)) as shown:
        assert shown.size == (32, 24)


def test_other_models_and_splits_have_no_browser():
    assert browser(SegmentationMetric(), Outcome({}, {}, None, [], None)) is None
