"""Changed pictures are a function of (seed, epoch, index); mixing does what the papers say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.plugins.cnn_classify.augmentation import Augmented, changes
from nntasks.plugins.cnn_classify.config import PRESETS, CnnConfig
from nntasks.seeding import Seeds
from nntasks.testing import check_split


def split(channels=3, count=12, side=16):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, side, side, channels), dtype=np.uint8)
    return LabelledPictures(pictures, np.arange(count) % 3)


def augmented(*names, channels=3, seed=0, **options):
    base = split(channels, **options)
    return Augmented(base, changes(names, channels, 9), Seeds(seed))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_changes_pictures_and_keeps_their_kind(name, channels):
    changed = augmented(name, channels=channels)
    before, after = changed.batch(range(12)), changed.batch(range(12), epoch=0)
    assert (after.inputs.shape, after.inputs.dtype) == (before.inputs.shape, np.uint8)
    assert (after.inputs != before.inputs).any()
    assert np.array_equal(after.targets, before.targets)
    check_split(changed)


def test_neither_batch_nor_order_nor_past_matter():
    all_presets = augmented(*PRESETS)
    whole = all_presets.batch(range(12), epoch=3).inputs
    torch.manual_seed(99)
    torch.rand(7)
    for index in (11, 0, 5):
        assert np.array_equal(all_presets.batch([index], epoch=3).inputs[0], whole[index])
    assert not np.array_equal(all_presets.batch(range(12), epoch=4).inputs, whole)
    assert not np.array_equal(augmented(*PRESETS, seed=1).batch(range(12), epoch=3).inputs, whole)
    assert np.array_equal(all_presets.batch(range(12)).inputs, split().pictures)


def test_it_leaves_torch_s_own_generator_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    augmented(*PRESETS).batch(range(12), epoch=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_flips_mirror_about_half_of_the_pictures():
    base = split(count=400, side=6)
    found = augmented("flip", count=400, side=6).batch(range(400), epoch=0).inputs
    mirrored = (found == base.pictures[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (found == base.pictures).all(axis=(1, 2, 3))
    assert (mirrored | same).all()
    assert 160 < mirrored.sum() < 240


def test_crops_are_windows_of_the_padded_picture():
    base = split()
    found = augmented("crop").batch(range(12), epoch=0).inputs
    padded = np.pad(base.pictures, ((0, 0), (2, 2), (2, 2), (0, 0)))
    for picture, around in zip(found, padded, strict=True):
        windows = {around[y : y + 16, x : x + 16].tobytes() for y in range(5) for x in range(5)}
        assert picture.tobytes() in windows


def test_rotation_turns_and_scales_about_the_middle():
    picture = np.zeros((80, 60, 1), np.uint8)  # (H, W, C)
    picture[16:64, 26:34] = 255  # an upright bar
    base = LabelledPictures(np.repeat(picture[None], 200, axis=0), np.zeros(200, int))
    found = Augmented(base, changes(("rotate",), 1, 9), Seeds(0)).batch(range(200), epoch=0)
    y, x = np.mgrid[:80, :60]
    angles, areas = [], []
    for turned in found.inputs[..., 0] / 255.0:
        areas.append(turned.sum())
        cx, cy = (turned * x).sum() / areas[-1], (turned * y).sum() / areas[-1]
        assert (cx, cy) == (pytest.approx(29.5, abs=0.1), pytest.approx(39.5, abs=0.1))
        across, along = x - cx, y - cy
        covariance = (turned * across * along).sum()
        spread = (turned * (along**2 - across**2)).sum()
        angles.append(np.degrees(np.arctan2(2 * covariance, spread) / 2))
    # The whole of both ranges is used, and nothing beyond: 12 degrees, 0.9 to 1.1 a side.
    assert 11 < max(angles) < 12.1
    assert -12.1 < min(angles) < -11
    assert 1.15 < max(areas) / 384 < 1.22
    assert 0.80 < min(areas) / 384 < 0.85


def test_keys():
    assert CnnConfig(augment="none").augment == ()
    assert CnnConfig(augment="flip,crop").augment == ("flip", "crop")
    for wrong in ("flop", "flip,flip", "none,flip"):
        with pytest.raises(ValidationError):
            CnnConfig(augment=wrong)
