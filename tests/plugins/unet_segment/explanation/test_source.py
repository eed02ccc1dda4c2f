"""The picture that is explained: files of any kind, masks, scaling, pictures of the test split."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Splits
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.explanation.source import Source, find_source
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.seeding import Seeds

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (12, 16, 3), dtype=np.uint8)
MASK = np.zeros((12, 16), np.uint8)
MASK[2:6, 3:9] = 1


def splits():
    sample = Sample("inner/one", lambda: (PICTURE, MASK))
    split = MaskedPictures([sample], None, None, Seeds(0))
    return Splits(split, split, split, DataInfo(("background", "object"), (12, 16, 3)))


def unused():
    raise AssertionError("a picture file needs no data set")


def saved(folder, name, pixels):
    Image.fromarray(pixels).save(folder / name)
    return folder / name


@pytest.mark.parametrize(
    "pixels",
    [PICTURE, PICTURE[..., 0], np.dstack([PICTURE, np.full((12, 16), 255, np.uint8)])],
    ids=["rgb", "grey", "rgba"],
)
def test_files_of_any_colours_are_read_as_three(tmp_path, pixels):
    path = saved(tmp_path, "a.png", pixels)
    found = find_source(str(path), None, UnetConfig(), unused)
    expected = PICTURE[..., :1].repeat(3, axis=2) if pixels.ndim == 2 else PICTURE
    assert np.array_equal(found.picture, expected)
    assert (found.truth, found.width, found.height) == (None, 16, 12)


def test_a_mask_is_read_as_that_of_a_data_set(tmp_path):
    picture = str(saved(tmp_path, "a.png", PICTURE))
    for values in (MASK, MASK * 255, MASK * 7):
        mask = saved(tmp_path, "m.png", values)
        found = find_source(picture, mask, UnetConfig(), unused)
        assert np.array_equal(found.truth, MASK)
    labels = MASK * 3
    labels[0, 0] = 2
    mask = saved(tmp_path, "m.png", labels)
    with pytest.raises(UsageError, match=r"say which are of the object with data\.object"):
        find_source(picture, mask, UnetConfig(), unused)
    config = UnetConfig(data="mask_folders", data_options={"object": "3"})
    assert np.array_equal(find_source(picture, mask, config, unused).truth, MASK)


def test_a_file_is_scaled_as_predict_scales_it(tmp_path):
    path = saved(tmp_path, "a.png", np.kron(PICTURE, np.ones((4, 3, 1), np.uint8)))
    mask = saved(tmp_path, "m.png", np.kron(MASK, np.ones((4, 3), np.uint8)))
    found = find_source(str(path), mask, UnetConfig(image_size=24), unused)
    assert found.picture.shape == (24, 24, 3)
    assert found.truth.shape == (24, 24)
    assert (found.width, found.height) == (48, 48)
    assert found.pixel((47, 0)) == (23, 0)
    assert found.original((11, 3)) == (23, 7)
    tiles = find_source(str(path), None, UnetConfig(image_size=24, tile=32), unused)
    assert (tiles.picture.shape, tiles.tile) == ((48, 48, 3), 32)


@pytest.mark.parametrize(("width", "height"), [(16, 12), (7, 31), (160, 5)])
def test_every_pixel_of_a_picture_is_one_of_the_original(width, height):
    source = Source("x", PICTURE, None, width, height)
    for x in range(width):
        at = source.pixel((x, 0))[0]
        assert at == int((x + 0.5) * 16 / width)
    for y in range(12):
        assert 0 <= source.original((0, y))[1] < height


def test_a_test_picture_has_its_mask():
    found = find_source("inner/one", None, UnetConfig(tile=32), splits)
    assert np.array_equal(found.picture, PICTURE)
    assert np.array_equal(found.truth, MASK)
    assert found.tile == 0  # evaluation reads whole pictures


def test_bad_sources(tmp_path):
    path = str(saved(tmp_path, "a.png", PICTURE))
    small = saved(tmp_path, "m.png", MASK[:5])
    cases = [
        ((path, small), r"m.png has 16 x 5 pixels, but .*a.png has 16 x 12"),
        ((path, tmp_path / "none.png"), "none.png"),
        ((str(tmp_path / "b.jpg"), None), "b.jpg"),
        ((str(tmp_path), None), "expected one picture, got the folder"),
        (("inner/on", None), r"test picture \(inner/one\), got inner/on. Did you mean 'inner/one'"),
        (("inner/one", small), "mask: expected a picture file with it"),
    ]
    for (words, mask), message in cases:
        with pytest.raises(UsageError, match=message) as error:
            find_source(words, mask, UnetConfig(), splits)
        assert "\n" not in str(error.value)
    source = find_source(path, None, UnetConfig(), unused)
    with pytest.raises(UsageError, match=r"pixel=16,3: .* x from 0 to 15 and y from 0 to 11"):
        source.pixel((16, 3))
