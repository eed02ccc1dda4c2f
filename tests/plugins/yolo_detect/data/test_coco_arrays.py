"""COCO files as arrays: both implementations read the same, and only what is plain."""

from __future__ import annotations

import json
import random
import struct

import numpy as np
import pytest
from detection_oracle import hard_data, samples
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks import ops
from nntasks.plugins.yolo_detect.data.coco_arrays import (
    flat_records,
    read_instances,
    read_results,
    reference,
)
from nntasks.plugins.yolo_detect.data.coco_arrays.engine import READER
from nntasks.plugins.yolo_detect.evaluation.records import Records

ROW = {"image_id": 1, "category_id": 2, "bbox": [1.5, 2, 3e1, 0.25], "score": 0.5}
TRUTH = {
    "images": [{"id": 3, "file_name": "3.png"}, {"id": 1, "file_name": "é.png"}],
    "annotations": [
        {"id": 7, "image_id": 3, "category_id": 5, "bbox": [1, 2, 3, 4], "iscrowd": 1},
        {"image_id": 1, "category_id": 2, "bbox": [0.5, 1, 2, 2], "area": 3.5, "id": None},
        {
            "id": 9,
            "image_id": 1,
            "category_id": 2,
            "bbox": [0, 0, 1, 1],
            "area": None,
            "segmentation": [[1, 2.5e-1, -3]],
            "iscrowd": None,
            "text": '\\ " é 😀 \n',
        },
    ],
    "categories": [{"id": 5, "name": "dog"}, {"id": 2, "name": "Käfer"}],
}


@pytest.fixture(params=["python", "native"])
def engine(request):
    if request.param == "native" and READER.compiled() is None:
        pytest.skip("the reader of COCO files is not compiled")
    with ops.use("python" if request.param == "python" else "auto"):
        yield request.param


def written(folder, content, name="file.json"):
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    return path


def test_results_in_columns(engine, tmp_path):
    rows = [ROW, {**ROW, "segmentation": {"counts": "a\\b", "size": [1, 2]}, "image_id": -9}]
    found = read_results(written(tmp_path, rows))
    assert found.image.tolist() == [1, -9]
    assert found.category.tolist() == [2, 2]
    assert found.score.tolist() == [0.5, 0.5]
    assert found.box.tolist() == [[1.5, 2.0, 30.0, 0.25]] * 2
    assert [a.dtype for a in (found.image, found.score)] == [np.int64, np.float64]


def test_instances_in_columns(engine, tmp_path):
    found = read_instances(written(tmp_path, json.dumps(TRUTH, ensure_ascii=False)))
    assert found.image_ids.tolist() == [3, 1]
    assert dict(zip(found.category_ids.tolist(), found.category_names, strict=True)) == {
        5: "dog",
        2: "Käfer",
    }
    assert found.id.tolist() == [7, -(2**63), 9]
    assert found.image.tolist() == [3, 1, 1]
    assert found.category.tolist() == [5, 2, 2]
    assert found.box.tolist() == [[1, 2, 3, 4], [0.5, 1, 2, 2], [0, 0, 1, 1]]
    assert found.area.tolist() == [12.0, 3.5, 1.0]
    assert found.crowd.tolist() == [True, False, False]


@pytest.mark.parametrize("text", ["[]", " [ ] \n", "\ufeff[]"])
def test_no_results(engine, tmp_path, text):
    found = read_results(written(tmp_path, text))
    assert found.box.shape == (0, 4)
    assert found.image.dtype == np.int64


def changed(**values):
    return json.dumps([ROW, {**ROW, **values}])


NOT_PLAIN = {
    "an id as text": changed(image_id="1"),
    "a whole float": changed(image_id=1.0),
    "a category that is true": changed(category_id=True),
    "a large id": changed(image_id=10**18),
    "null": changed(score=None),
    "a score as text": changed(score="0.5"),
    "a score that is no number": changed(score=float("nan")),
    "a score beyond all numbers": '[{"image_id":1,"category_id":2,"bbox":[1,2,3,4],"score":1e999}]',
    "three numbers": changed(bbox=[1, 2, 3]),
    "five numbers": changed(bbox=[1, 2, 3, 4, 5]),
    "a mapping as box": changed(bbox={"x": 1}),
    "a list in a box": changed(bbox=[1, 2, 3, [4]]),
    "a row that is no mapping": "[1]",
    "a row without keys": "[{}]",
    "a missing key": json.dumps([{k: v for k, v in ROW.items() if k != "score"}]),
    "a key that comes twice": changed().replace('"score"', '"score": 1, "score"'),
    "a mapping": json.dumps({"results": []}),
    "cut off": changed()[:-1],
    "cut off in a number": changed()[:-3],
    "something behind it": changed() + "x",
    "a second list": changed() + "[]",
    "a comma too many": changed()[:-1] + ",]",
    "a comma too few": changed().replace("}, {", "} {"),
    "a leading zero": changed().replace("0.5", "00.5"),
    "a plus": changed().replace("0.5", "+0.5"),
    "no digits behind the point": changed().replace("0.5", "1."),
    "no digits before the point": changed().replace("0.5", ".5"),
    "no digits in the exponent": changed().replace("0.5", "1e"),
    "single quotes": changed().replace('"', "'"),
    "a control character in text": changed(note="x").replace('"x"', '"\n"'),
    "a wrong escape": changed(note="x").replace('"x"', '"\\q"'),
    "half an escape": changed(note="x").replace('"x"', '"\\u12"'),
    "a wrong word": changed(note="x").replace('"x"', "nil"),
    "not UTF-8": changed(note="x").encode().replace(b'"x"', b'"\xff"'),
    "UTF-8 that is too long": changed(note="x").encode().replace(b'"x"', b'"\xc0\x80"'),
    "half a surrogate in UTF-8": changed(note="x").encode().replace(b'"x"', b'"\xed\xa0\x80"'),
    "a zero byte": changed().encode() + b"\0",
    "UTF-16": changed().encode("utf-16"),
    "nothing": "",
    "white space": "  \n",
}


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_is_left_to_the_careful_reader(engine, tmp_path, text):
    assert read_results(written(tmp_path, text)) is None


def test_a_file_that_is_not_there(engine, tmp_path):
    assert read_results(tmp_path / "no.json") is None
    assert read_instances(tmp_path) is None


def without(key, name):
    rows = [{k: v for k, v in row.items() if k != name} for row in TRUTH[key]]
    return {**TRUTH, key: rows}


@pytest.mark.parametrize(
    "content",
    [
        {key: value for key, value in TRUTH.items() if key != "categories"},
        {**TRUTH, "images": None},
        {**TRUTH, "images": [{"id": "1"}]},
        {**TRUTH, "categories": [{"id": 1, "name": 2}]},
        without("images", "id"),
        without("categories", "name"),
        without("annotations", "bbox"),
        without("annotations", "image_id"),
        {**TRUTH, "annotations": [{**TRUTH["annotations"][0], "iscrowd": 2}]},
        {**TRUTH, "annotations": [{**TRUTH["annotations"][0], "iscrowd": True}]},
        {**TRUTH, "annotations": [{**TRUTH["annotations"][0], "area": "9"}]},
        {**TRUTH, "annotations": [{**TRUTH["annotations"][0], "id": 7.5}]},
        [],
    ],
)
def test_instances_that_are_not_plain(engine, tmp_path, content):
    assert read_instances(written(tmp_path, TRUTH)) is not None
    assert read_instances(written(tmp_path, content)) is None


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


@pytest.mark.parametrize("seed", range(3))
def test_flat_records_are_those_of_the_samples(engine, tmp_path, seed):
    dataset, results = hard_data(seed)
    random.Random(seed).shuffle(results)
    truth = read_instances(written(tmp_path, dataset, "truth.json"))
    found = read_results(written(tmp_path, results, "found.json"))
    records = flat_records(truth, found)
    expected = Records(len(dataset["categories"]))
    expected.add(*samples(dataset, results))
    flat = expected.flat()
    assert records.image_ids == flat.image_ids
    for side in ("detections", "truths"):
        one, other = getattr(records, side), getattr(flat, side)
        for name in vars(other):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize(
    ("truth", "found"),
    [
        ({}, {"image_id": 99}),
        ({}, {"category_id": 4}),
        ({}, {"score": 1.5}),
        ({}, {"score": -0.5}),
        ({}, {"bbox": [0, 0, -1, 1]}),
        ({"area": -1}, {}),
        ({"bbox": [0, 0, 1, -1]}, {}),
        ({"image_id": 99}, {}),
        ({"id": 9}, {}),
    ],
)
def test_rows_at_fault_are_left_to_the_careful_reader(engine, tmp_path, truth, found):
    rows = [{**TRUTH["annotations"][0], **truth}, *TRUTH["annotations"][1:]]
    read = read_instances(written(tmp_path, {**TRUTH, "annotations": rows}))
    results = read_results(written(tmp_path, [{**ROW, **found}]))
    good = read_results(written(tmp_path, [ROW]))
    assert flat_records(read, results) is None
    assert truth or flat_records(read, good) is not None
