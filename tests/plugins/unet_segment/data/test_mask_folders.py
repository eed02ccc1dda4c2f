"""Folders of pictures and masks: pairs, parts, and what is refused before training."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.data.mask_folders import MaskFolders
from nntasks.seeding import Seeds

SIDES = (20, 24)


def rectangle(value=255, box=(5, 5, 12, 13)):
    mask = np.zeros(SIDES, np.uint8)
    mask[box[0] : box[2], box[1] : box[3]] = value
    return mask


@pytest.fixture
def folders(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for i in range(10):
        mask = rectangle(255, (5, i, 12, i + 8))
        picture = rng.integers(0, 100, (*SIDES, 3), dtype=np.uint8) + mask[..., None] // 2
        Image.fromarray(picture).save(tmp_path / "images" / f"{i}.png")
        Image.fromarray(mask).save(tmp_path / "masks" / f"{i}.png")
    return tmp_path


def load(folders, **options):
    keys = {"images": folders / "images", "masks": folders / "masks", **options}
    return MaskFolders(MaskFolders.Config(**keys), Seeds(0)).load(None)


def samples(folders, **options):
    """Return name -> (picture, mask) of all parts."""
    splits = load(folders, **options)
    parts = [splits.train, splits.test]
    parts += [splits.validation] if splits.validation is not splits.test else []
    return {sample.name: sample.read() for part in parts for sample in part}


def message(folders, **options):
    with pytest.raises(UsageError) as caught:
        load(folders, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_parts(folders):
    splits = load(folders)
    assert [len(p) for p in (splits.train, splits.validation, splits.test)] == [7, 1, 2]
    assert splits.info.input_shape == (*SIDES, 3)
    assert set(np.unique(splits.train[0].read()[1])) == {0, 1}


def test_faults_of_all_files_are_named_before_training(folders):
    for name, size in (("3", (25, 20)), ("5", (24, 21))):
        Image.new("L", size).save(folders / "masks" / f"{name}.png")
    (folders / "masks" / "7.png").write_bytes(b"no picture")
    said = message(folders)
    assert said.startswith("3 of 10 pairs cannot be used: ")
    assert "3.png has 25 x 20 pixels, but" in said
    assert "5.png has 24 x 21 pixels, but" in said
    assert "7.png: it is not a picture" in said
    assert "data.masks: expected a folder" in message(folders, masks=folders / "gone")


def test_a_turned_mask_belongs_to_a_turned_picture(folders):
    turned = Image.Exif()
    turned[0x0112] = 6
    for what in ("images", "masks"):
        with Image.open(folders / what / "3.png") as image:
            image.copy().save(folders / what / "3.png", exif=turned)
    picture, mask = samples(folders)["3"]
    assert mask.shape == picture.shape[:2] == SIDES[::-1]
    assert (picture[mask == 1] >= 127).all()
    assert (picture[mask == 0] < 127).all()
    with Image.open(folders / "masks/3.png") as image:
        image.copy().save(folders / "masks/3.png")
    assert "3.png has 24 x 20 pixels, but" in message(folders)


def test_equal_names_in_several_folders_are_several_samples(folders):
    for part in "ab":
        for what in ("images", "masks"):
            (folders / what / part).mkdir()
            for name in "01":
                (folders / what / f"{name}.png").rename(folders / what / part / f"{name}.png") if (
                    part == "a"
                ) else Image.new("L", SIDES[::-1]).save(folders / what / part / f"{name}.png")
    names = set(samples(folders))
    assert names == {"a/0", "a/1", "b/0", "b/1", *"23456789"}


@pytest.mark.parametrize(
    ("suffix", "ending"), [("_mask", ".gif"), ("-seg", ".PNG"), (".gt", ".bmp")]
)
def test_masks_named_by_a_suffix(folders, suffix, ending):
    for path in list((folders / "masks").iterdir()):
        with Image.open(path) as image:
            image.copy().save(folders / "masks" / f"{path.stem}{suffix}{ending}")
        path.unlink()
    assert set(samples(folders)) == set("0123456789")
    assert set(samples(folders, mask_suffix=suffix)) == set("0123456789")
    said = message(folders, mask_suffix="_other")
    assert "expected masks named as the pictures are (0, 1, 2)" in said
    assert "data.mask_suffix" in said


def test_masks_among_their_pictures(folders):
    for path in (folders / "masks").iterdir():
        path.rename(folders / "images" / f"{path.stem}_mask.png")
    assert set(samples(folders, masks=folders / "images")) == set("0123456789")


def test_files_without_their_other_half_are_counted_and_named(folders, caplog):
    (folders / "masks/3.png").unlink()
    (folders / "masks/5.png").unlink()
    (folders / "images/7.png").unlink()
    (folders / "images/._8.png").write_bytes(b"left by a system")
    with caplog.at_level(logging.WARNING):
        assert set(samples(folders)) == set("0124689")
    words = [record.getMessage() for record in caplog.records]
    assert any("2 pictures have no mask and are left out: 3, 5" in word for word in words)
    assert any("1 masks have no picture and are left out: 7" in word for word in words)


def test_a_name_that_is_twice_in_one_folder(folders):
    Image.new("L", SIDES[::-1]).save(folders / "masks/3.bmp")
    assert "have the same name; keep one" in message(folders)


def test_two_rules_for_one_thing_are_refused():
    with pytest.raises(ValueError, match=r"data\.object and data\.threshold"):
        MaskFolders.Config(object=(1,), threshold=128)


@pytest.mark.parametrize(("left", "validation", "least"), [(2, 0.2, 3), (1, 0.2, 3), (1, 0, 2)])
def test_too_few_pairs_say_how_many_the_parts_need(folders, left, validation, least):
    for path in sorted(folders.glob("*/*.png")):
        if int(path.stem) >= left:
            path.unlink()
    said = message(folders, validation=validation)
    assert f"expected {least} pairs of picture and mask or more" in said
    assert said.endswith(f"got {left}")
