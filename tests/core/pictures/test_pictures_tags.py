"""The directory of tags of TIFF files and EXIF blocks: the few that matter, however damaged."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from nntasks.pictures import tags
from nntasks.pictures.tags import DamagedTags, orientation_of, read_directory, with_tags


def block(order, *entries, link=0, big=False):
    """Return a directory: entries are (tag, type, count, value of 4 or 8 bytes)."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    head += struct.pack(order + "HHQ", 8, 0, 16) if big else struct.pack(order + "I", 8)
    layout = order + ("HHQ8s" if big else "HHI4s")
    packed = b"".join(struct.pack(layout, *entry) for entry in entries)
    count = struct.pack(order + ("Q" if big else "H"), len(entries))
    return head + count + packed + struct.pack(order + ("Q" if big else "I"), link)


def short(order, number):
    return struct.pack(order + "H", number)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [True, False])
def test_both_orders_of_bytes_and_both_sizes(order, big):
    data = block(order, (tags.ORIENTATION, 3, 1, short(order, 6)), big=big)
    found = read_directory(io.BytesIO(data))
    assert found.integers == {tags.ORIENTATION: (6,)}
    assert (found.order, found.big, found.more, found.offset) == (
        order,
        big,
        False,
        16 if big else 8,
    )
    assert orientation_of(b"Exif\0\0" + data) == orientation_of(data) == 6


@pytest.mark.parametrize("number", [0, 9, 700])
def test_another_number_is_no_orientation(number):
    assert orientation_of(block("<", (tags.ORIENTATION, 3, 1, short("<", number)))) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II",
        b"no tags at all",
        b"II*\0\xff\xff\xff\xff",
        block("<")[:9],
        b"II\x07\0" + bytes(12),
    ],
)
def test_a_damaged_block_has_no_orientation(data):
    assert orientation_of(data) == 1
    with pytest.raises(DamagedTags):
        read_directory(io.BytesIO(data))


def test_a_damaged_entry_costs_no_other():
    far = struct.pack("<I", 10**9)
    data = block("<", (258, 3, 9, far), (259, 7, 4, b"text"), (274, 3, 1, short("<", 8)))
    found = read_directory(io.BytesIO(data))
    assert found.integers == {274: (8,)}
    assert set(found.entries) == {258, 259, 274}


def test_numbers_that_do_not_fit_are_where_the_entry_points():
    data = block("<", (258, 3, 3, struct.pack("<I", 26)))
    assert len(data) == 26
    found = read_directory(io.BytesIO(data + struct.pack("<3H", 8, 8, 16)))
    assert found.integers == {258: (8, 8, 16)}


def test_of_a_tag_that_occurs_twice_the_first_counts():
    data = block("<", (274, 3, 1, short("<", 6)), (274, 3, 1, short("<", 3)))
    assert orientation_of(data) == 6


def test_a_second_page_is_seen():
    assert read_directory(io.BytesIO(block("<", link=99))).more is True


def test_a_file_without_its_descriptive_tags_has_the_same_pixels(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7), np.uint8)
    path = tmp_path / "a.tif"
    Image.fromarray(pixels).save(path, tiffinfo={270: "some words", 274: 6})
    data = path.read_bytes()
    directory = read_directory(io.BytesIO(data))
    kept = set(directory.entries) - {270, 274}
    bare = with_tags(data, directory, kept)
    assert set(read_directory(io.BytesIO(bare)).entries) == kept
    assert len(bare) == len(data)  # everything else stays at its place
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(bare))), pixels)
