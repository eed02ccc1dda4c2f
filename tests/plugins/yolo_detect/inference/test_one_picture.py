"""The output for one picture is that of the network for its square."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small_model import small_model

from nntasks.plugins.yolo_detect.inference.letterbox import fit_square
from nntasks.plugins.yolo_detect.inference.one_picture import picture_output


@pytest.fixture(scope="module")
def model():
    return small_model()


def test_pixels_go_through_the_square_as_shares_of_255(model):
    image = np.random.default_rng(0).integers(0, 256, (40, 90, 3), dtype=np.uint8)
    output = picture_output(model, image)
    square, place = fit_square(image, 64)
    np.testing.assert_array_equal(output.square, square)
    assert output.letterbox == place
    pixels = torch.from_numpy(square.transpose(2, 0, 1)[None] / np.float32(255))
    with torch.no_grad():
        expected = model.module.eval()(pixels)
    assert output.logits.class_count == 2
    for ours, theirs in zip(output.logits.raw, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_a_training_network_is_asked_as_for_inference(model):
    """Its batch norms would otherwise see one picture, and change."""
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    model.module.train()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    first, second = (picture_output(model, image).logits.raw for _ in range(2))
    for ours, theirs in zip(first, second, strict=True):
        assert torch.equal(ours, theirs)
        assert not ours.requires_grad
    assert all(torch.equal(value, before[n]) for n, value in model.module.state_dict().items())
