"""Truth and detections from arrays, and files that are left to the careful readers."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from detection_oracle import hard_data, samples
from plain_coco import ROW, TRUTH, written

from nntasks.plugins.yolo_detect.data.coco_arrays import (
    flat_records,
    read_instances,
    read_results,
)
from nntasks.plugins.yolo_detect.evaluation.records import Records


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
