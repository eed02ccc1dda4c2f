"""Checks of pairs: results in order, and all faults in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.data.pair_checks import common_size, of_each
from nntasks.plugins.unet_segment.data.pairing import Pair

PAIRS = [Pair(str(n), Path(f"{n}.jpg"), Path(f"{n}.png")) for n in range(25)]


def test_results_are_in_the_order_of_the_pairs():
    assert of_each(PAIRS, lambda pair: int(pair.name) ** 2) == [n * n for n in range(25)]
    assert of_each([], common_size) == []


def failing(*names):
    def act(pair):
        if pair.name in names:
            raise UsageError(f"{pair.mask} is wrong")

    return act


def test_a_single_fault_is_said_as_it_is():
    with pytest.raises(UsageError, match=r"^3\.png is wrong$"):
        of_each(PAIRS, failing("3"))


def test_several_faults_are_counted():
    with pytest.raises(UsageError) as error:
        of_each(PAIRS, failing("7", "3"))
    assert str(error.value) == "2 of 25 pairs cannot be used: 3.png is wrong; 7.png is wrong"


def test_of_many_faults_the_first_are_listed():
    with pytest.raises(UsageError) as error:
        of_each(PAIRS, failing(*(pair.name for pair in PAIRS)))
    said = str(error.value)
    assert said.startswith("25 of 25 pairs cannot be used: 0.png is wrong; 1.png is wrong")
    assert said.endswith("19.png is wrong; and 5 more")


def test_errors_of_the_program_are_not_taken_for_faults_of_files():
    def act(pair):
        raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        of_each(PAIRS, act)


def test_the_size_that_a_picture_and_its_mask_share(tmp_path):
    picture, mask = tmp_path / "a.jpg", tmp_path / "a.png"
    pair = Pair("a", picture, mask)
    Image.new("RGB", (20, 10)).save(picture)
    Image.new("L", (20, 10)).save(mask)
    assert common_size(pair) == (20, 10)
    Image.new("L", (10, 20)).save(mask)
    with pytest.raises(UsageError) as error:
        common_size(pair)
    assert str(error.value) == f"{mask} has 10 x 20 pixels, but {picture} has 20 x 10"


def test_a_picture_that_is_cut_off_is_named(tmp_path):
    picture, mask = tmp_path / "a.jpg", tmp_path / "a.png"
    Image.effect_noise((200, 200), 90).convert("RGB").save(picture)
    Image.new("L", (200, 200)).save(mask)
    picture.write_bytes(picture.read_bytes()[:-2000])
    with pytest.raises(UsageError, match=r"a\.jpg"):
        common_size(Pair("a", picture, mask))
