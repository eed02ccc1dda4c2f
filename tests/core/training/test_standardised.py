"""Pictures with mean 0 and deviation 1 by channel, whose statistics go with the weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from nntasks.interfaces import Batch, Split
from nntasks.training import standardised
from nntasks.training.standardised import Standardised, pixels

PICTURES = np.random.default_rng(0).integers(0, 256, (7, 5, 4, 3), np.uint8)


class Pictures(Split):
    def __init__(self, pictures):
        self.pictures, self.most = pictures, 0

    def __len__(self):
        return len(self.pictures)

    def batch(self, indices, *, epoch=None):
        self.most = max(self.most, len(indices))
        return Batch(self.pictures[list(indices)], None, list(indices))


def network():
    return Standardised(nn.Identity(), 3)


def test_training_pictures_are_standardised_by_channel():
    made = network()
    made.standardise_like(Pictures(PICTURES))
    found = made(pixels(PICTURES, torch.device("cpu"))).double()
    variance, mean = torch.var_mean(found, (0, 2, 3), correction=0)
    np.testing.assert_allclose(mean, 0, atol=1e-5)
    np.testing.assert_allclose(variance, 1, atol=1e-5)


def test_pieces_give_the_same_statistics_and_later_pictures_do_not_count(monkeypatch):
    whole = network()
    whole.standardise_like(Pictures(PICTURES[:6]))
    monkeypatch.setattr(standardised, "_AT_ONCE", 4)
    monkeypatch.setattr(standardised, "_STATISTICS", 6)
    pieces, split = network(), Pictures(PICTURES)
    pieces.standardise_like(split)
    assert split.most == 4
    for name in ("mean", "deviation"):
        torch.testing.assert_close(getattr(pieces, name), getattr(whole, name))


def test_one_colour_is_no_division_by_zero():
    made = network()
    made.standardise_like(Pictures(np.full((2, 3, 3, 3), 200, np.uint8)))
    assert torch.isfinite(made(torch.full((1, 3, 2, 2), 201.0))).all()


def test_statistics_are_stored_with_the_weights():
    one, other = network(), network()
    one.standardise(*standardised.IMAGENET)
    other.load_state_dict(one.state_dict())
    pictures = torch.rand(2, 3, 4, 4) * 255
    assert torch.equal(one(pictures), other(pictures))
    expected = (pictures[:, 0] - 123.675) / 58.395
    torch.testing.assert_close(one.standardised(pictures)[:, 0], expected)


def test_pixels_are_channels_first_floats():
    found = pixels(PICTURES, torch.device("cpu"))
    assert (found.dtype, found.shape) == (torch.float32, (7, 3, 5, 4))
    assert found[6, 2, 4, 1] == int(PICTURES[6, 4, 1, 2])


@pytest.mark.parametrize("channels", [1, 4])
def test_any_number_of_channels(channels):
    assert Standardised(nn.Identity(), channels)(torch.ones(1, channels, 2, 2)).shape[1] == channels
