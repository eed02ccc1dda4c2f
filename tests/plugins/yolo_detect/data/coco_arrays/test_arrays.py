"""The columns of COCO files: in the order of the file, with the dtypes that they promise."""

from __future__ import annotations

import json

import numpy as np
import pytest
from plain_coco import ROW, TRUTH, written

from nntasks.plugins.yolo_detect.data.coco_arrays import read_instances, read_results
from nntasks.plugins.yolo_detect.data.coco_arrays.arrays import NO_ID


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
    assert found.id.tolist() == [7, NO_ID, 9]
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


def test_no_id_that_a_file_can_state_is_the_mark_of_none(engine, tmp_path):
    """Whole numbers of a plain file have at most 18 digits, so the mark is below all of them."""
    row = TRUTH["annotations"][0]
    lowest = {**TRUTH, "annotations": [{**row, "id": -(10**18) + 1}]}
    assert read_instances(written(tmp_path, lowest)).id.tolist() == [1 - 10**18]
    assert 1 - 10**18 > NO_ID == np.iinfo(np.int64).min
    mark = {**TRUTH, "annotations": [{**row, "id": NO_ID}]}
    assert read_instances(written(tmp_path, mark)) is None


def test_columns_have_the_stated_dtypes(engine, tmp_path):
    found = read_instances(written(tmp_path, {**TRUTH, "annotations": []}))
    whole = (found.image_ids, found.category_ids, found.id, found.image, found.category)
    assert {column.dtype for column in whole} == {np.dtype(np.int64)}
    assert (found.box.dtype, found.area.dtype, found.crowd.dtype) == (np.float64, np.float64, bool)
    assert found.box.shape == (0, 4)
