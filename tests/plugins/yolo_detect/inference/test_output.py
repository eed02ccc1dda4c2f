"""The two ways to hold the output: computed as a whole, or row by row where it is asked for."""

from __future__ import annotations

import pytest
import torch

from nntasks.plugins.yolo_detect.inference.output import FeatureMaps, Heads, Logits
from nntasks.plugins.yolo_detect.inference.postprocessing import select
from nntasks.plugins.yolo_detect.network import YoloV5

CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return YoloV5(4, 0.33, 0.125).eval()


@pytest.fixture(scope="module", params=[torch.contiguous_format, torch.channels_last])
@torch.inference_mode()
def outputs(request, network):
    """Return the output of two images as a whole and on demand."""
    images = torch.rand(2, 3, 96, 64, generator=torch.Generator().manual_seed(0))
    maps = [m.contiguous(memory_format=request.param) for m in network.features(images)]
    return Logits(network(images)), FeatureMaps(maps, Heads(network.head))


def test_they_have_the_same_shape(outputs):
    whole, on_demand = outputs
    assert whole.shapes == on_demand.shapes == [(3, 12, 8), (3, 6, 4), (3, 3, 2)]
    assert whole.class_count == on_demand.class_count == 4


@pytest.mark.parametrize("level", range(3))
def test_objectness_is_the_same(outputs, level):
    whole, on_demand = outputs
    assert on_demand.objectness(level).shape == (2, *whole.shapes[level])
    torch.testing.assert_close(on_demand.objectness(level), whole.objectness(level), **CLOSE)


@pytest.mark.parametrize("level", range(3))
@pytest.mark.parametrize("count", [0, 1, 50])
def test_rows_are_the_same(outputs, level, count):
    whole, on_demand = outputs
    generator = torch.Generator().manual_seed(count)
    index = tuple(
        torch.randint(side, (count,), generator=generator) for side in (2, *whole.shapes[level])
    )
    ours = on_demand.rows(level, index)
    assert ours.shape == (count, 9)
    torch.testing.assert_close(ours, whole.rows(level, index), **CLOSE)


def test_all_of_it_is_the_same(outputs):
    whole, on_demand = outputs
    for ours, theirs in zip(on_demand.logits(), whole.raw, strict=True):
        torch.testing.assert_close(ours, theirs, **CLOSE)


@pytest.mark.parametrize("multi_label", [True, False])
def test_candidates_are_the_same(outputs, network, multi_label):
    # Low enough for hundreds of rows, and no objectness or score is near it.
    keys = {"confidence": 0.0004, "multi_label": multi_label}
    whole, on_demand = (select(output, network.head.anchors, **keys) for output in outputs)
    assert len(whole) > 100
    for name in ("image", "row", "labels"):
        assert torch.equal(getattr(on_demand, name), getattr(whole, name))
    torch.testing.assert_close(on_demand.scores, whole.scores, **CLOSE)
    torch.testing.assert_close(on_demand.boxes, whole.boxes, rtol=0, atol=1e-3)


@torch.inference_mode()
def test_later_training_does_not_change_the_heads():
    torch.manual_seed(1)
    network = YoloV5(2, 0.33, 0.125).eval()
    maps = network.features(torch.rand(1, 3, 32, 32))
    heads = Heads(network.head)
    before = FeatureMaps(maps, heads).logits()
    for conv in network.head.m:
        conv.weight.zero_()
        conv.bias.zero_()
    for ours, theirs in zip(FeatureMaps(maps, heads).logits(), before, strict=True):
        assert torch.equal(ours, theirs)
