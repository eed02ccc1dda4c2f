"""The compiled reader of COCO files against Python: the same bits, the same refusals."""

from __future__ import annotations

import json
import random
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_coco import ROW, written
from property_tests import examples

from nntasks.plugins.yolo_detect.data.coco_arrays import reference
from nntasks.plugins.yolo_detect.data.coco_arrays.engine import READER


def assert_same(path):
    compiled = READER.compiled()
    name = str(path).encode()
    columns = [compiled.read_results(name, threads) for threads in (1, 3)]
    expected = reference.read_results(name)
    for found in columns:
        assert (found is None) == (expected is None)
        for one, other in zip(found or (), expected or (), strict=True):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype


@pytest.fixture
def compiled():
    if READER.compiled() is None:
        pytest.skip("the reader of COCO files is not compiled")


@pytest.mark.parametrize("blank", ["", "\n", " " * 70])
@pytest.mark.parametrize("extra", ["none", "short", "long", "rows"])
def test_files_of_several_pieces(compiled, tmp_path, blank, extra):
    """Rows across the borders, rows longer than a piece, text that looks like a row."""
    rng = random.Random(1)
    rows = []
    for index in range(12_000):
        row = {**ROW, "image_id": index, "score": rng.random(), "bbox": [rng.random()] * 4}
        if extra == "short":
            row["note"] = ',{"image_id": 1}, {' * rng.randrange(3)
        elif extra == "long" and index in (3000, 3001, 11_999):
            row["counts"] = "x" * 2_500_000
        elif extra == "rows":
            row["parts"] = [{"image_id": 0}, {"a": [1, {"b": 2}]}]
        rows.append(json.dumps(row))
    path = written(tmp_path, "[" + f",{blank}".join(rows) + f"]{blank}")
    assert path.stat().st_size > 1 << 20
    assert_same(path)
    assert len(READER.compiled().read_results(str(path).encode(), 2)[0]) == 12_000


@pytest.mark.parametrize("behind", ["x", " " * (3 << 20), " " * (3 << 20) + "x", ",{}"])
def test_what_stands_behind_the_list(compiled, tmp_path, behind):
    assert_same(written(tmp_path, json.dumps([ROW] * 15_000) + behind))


def odd_number(draw):
    """A number as text: of any double, of many digits, with odd exponents."""
    bits = draw.draw(st.integers(0, 2**64 - 1))
    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    whole, part = (draw.draw(st.integers(0, 10 ** draw.draw(st.integers(0, 25)))) for _ in "ab")
    power = draw.draw(st.integers(-340, 310))
    plain = f"{value:.17g}" if np.isfinite(value) else "0"
    return draw.draw(st.sampled_from([plain, f"{whole}.{part}", f"-{whole}e{power}", f"{part}E+1"]))


@examples(200)
@given(st.data())
def test_numbers_are_read_to_the_last_bit(tmp_path_factory, data):
    if READER.compiled() is None:
        pytest.skip("the reader of COCO files is not compiled")
    numbers = ", ".join(odd_number(data) for _ in range(4))
    text = f'[{{"image_id": 1, "category_id": 1, "score": 1, "bbox": [{numbers}]}}]'
    assert_same(written(tmp_path_factory.getbasetemp(), text))


@examples(200)
@given(st.data())
def test_damaged_files(tmp_path_factory, data):
    """Both implementations accept and refuse the same files."""
    if READER.compiled() is None:
        pytest.skip("the reader of COCO files is not compiled")
    text = bytearray(json.dumps([ROW, {**ROW, "note": ["é", None, True, -1e-5]}] * 2).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.binary(max_size=2)
            | st.sampled_from([b'"', b"\\", b"{", b"]", b",", b"0", b"e", b"-"])
        )
    assert_same(written(tmp_path_factory.getbasetemp(), bytes(text)))
