"""Recall by size and crowding, and numbers by the columns of a slices file."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results, hard_data, metric_of, samples

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint
from nntasks.plugins.yolo_detect.evaluation.slices import (
    MISSING,
    neighbours,
    numbers_by_slice,
    read_slices,
    recall_by_crowding,
    recall_by_size,
)
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage, Truth

AT = OperatingPoint()


def table_of(objects, rows=()):
    dataset = coco_dataset([1, 2], [1, 2], [(i, c, b, False, b[2] * b[3]) for i, c, b in objects])
    return metric_of(dataset, coco_results(rows)).table()


def test_recall_by_size():
    small, large = [10.0, 10, 20, 20], [100.0, 100, 200, 200]
    table = table_of(
        [(1, 1, small), (1, 1, large), (2, 1, small)],
        [(1, 1, small, 0.9), (1, 1, large, 0.1), (2, 1, large, 0.9)],
    )
    rows = {row["group"]: row for row in recall_by_size(table, AT)}
    assert set(rows) == {"small", "large"}
    assert (rows["small"]["objects"], rows["small"]["found"], rows["small"]["recall"]) == (
        2,
        1,
        0.5,
    )
    assert rows["large"]["recall"] == 0  # found, but below the confidence


def test_neighbours_of_any_class():
    table = table_of(
        [
            (1, 1, [0.0, 0, 40, 40]),
            (1, 2, [20.0, 0, 40, 40]),
            (1, 1, [50.0, 0, 40, 40]),
            (1, 1, [200.0, 0, 40, 40]),
            (2, 1, [0.0, 0, 40, 40]),
        ]
    )
    by_box = dict(zip(map(tuple, table.truths.box[:, :1]), neighbours(table), strict=True))
    assert by_box[(20.0,)] == 2
    assert by_box[(50.0,)] == 1
    assert by_box[(200.0,)] == 0
    rows = recall_by_crowding(table, AT)
    assert [(row["group"], row["objects"]) for row in rows] == [("0", 2), ("1", 2), ("2", 1)]


def test_groups_share_out_all_objects():
    table = metric_of(*hard_data(0)).table()
    objects = int((~table.truths.ignored[:, 0]).sum())
    for rows in (recall_by_size(table, AT), recall_by_crowding(table, AT)):
        assert sum(row["objects"] for row in rows) == objects
        for row in rows:
            assert row["recall"] == row["found"] / row["objects"]
            assert math.isnan(row["low"]) or row["low"] <= row["recall"] <= row["high"]


def test_a_slice_is_an_evaluation_of_its_images():
    dataset, results = hard_data(1)
    metric = metric_of(dataset, results)
    predictions, targets, ids = samples(dataset, results)
    chosen = [i for i, name in enumerate(ids) if name in metric.table().image_ids[:5]]
    part = metric.fresh()
    part.update(*([values[i] for i in chosen] for values in (predictions, targets, ids)))
    values = ["dark" if place < 5 else MISSING for place in range(len(ids))]
    rows = numbers_by_slice(metric.table(), AT, {"light": values})
    assert [(row["value"], row["images"]) for row in rows] == [(MISSING, 7), ("dark", 5)]
    expected = part.compute()
    for name in ("map50_95", "map50", "precision", "recall", "f1"):
        assert rows[1][name] == pytest.approx(expected[name], abs=1e-12)
        low, high = rows[1][f"{name}_low"], rows[1][f"{name}_high"]
        assert math.isnan(low) or low <= rows[1][name] <= high


def named(*ids):
    """What finds the images of a truth by id and file, and their number."""
    images = [TrueImage(name, f"{name}", (0, 0)) for name in ids]
    return Truth(images, {}, [], "").place_of_text, len(ids)


def written(tmp_path, text):
    path = tmp_path / "slices.csv"
    path.write_text(text)
    return path


def test_images_go_by_id_and_by_stem(tmp_path):
    path = written(tmp_path, "image,light,place\n3,dark,\na.jpg,bright,in\n")
    found = read_slices(path, *named(3, 5, "photos/a.png"))
    assert found == {"light": ["dark", MISSING, "bright"], "place": [MISSING, MISSING, "in"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected a column that names the image"),
        ("light,place\n", "got light, place"),
        ("image\n3\n", "at least one more"),
        ("image,light\n9,dark\n", "line 2: image: expected an image of the truth, got '9'"),
        ("image,light\n3,dark\n3,bright\n", "line 3: image: '3' occurs twice"),
        ("image,light\n3\n", "line 2: expected 2 cells"),
        ("image,light\n3,dark,more\n", "line 2: expected 2 cells"),
    ],
)
def test_wrong_rows_are_named(tmp_path, text, words):
    with pytest.raises(UsageError, match=words):
        read_slices(written(tmp_path, text), *named(3, 5))


def test_all_wrong_rows_are_named_at_once(tmp_path):
    path = written(tmp_path, "image,light\n9,dark\n3,dark\n8,dark\n")
    with pytest.raises(UsageError) as caught:
        read_slices(path, *named(3, 5))
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="expected a CSV file"):
        read_slices(tmp_path / "absent.csv", *named(3))


def test_no_objects():
    table = table_of([])
    assert recall_by_size(table, AT) == recall_by_crowding(table, AT) == []
    assert np.array_equal(neighbours(table), [])
