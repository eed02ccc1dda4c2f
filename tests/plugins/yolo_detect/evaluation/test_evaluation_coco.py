"""COCO's twelve numbers against pycocotools, and by hand."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from detection_oracle import (
    OBJECTS,
    ROWS,
    coco_dataset,
    coco_results,
    hard_data,
    metric_of,
    reference,
    table_of,
)
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.plugins.yolo_detect.evaluation.coco import (
    coco_numbers,
    found_by_best,
    mean,
    recall_counts,
    share,
)

EXACT = {"rtol": 0, "atol": 1e-9}


def undefined_as_nan(numbers):
    numbers = np.asarray(numbers, dtype=np.float64)
    return np.where(numbers == -1, np.nan, numbers)


def assert_same_numbers(dataset, results, max_detections=100):
    theirs = reference(dataset, results, max_detections)
    metric = metric_of(dataset, results, max_detections=max_detections)
    if max_detections == 100:
        ours = list(metric.coco().summary().values())
        np.testing.assert_allclose(ours, undefined_as_nan(theirs.stats), **EXACT)
    precision = undefined_as_nan(theirs.eval["precision"][..., -1]).mean(axis=1)  # (T, K, A)
    recall = undefined_as_nan(theirs.eval["recall"][..., -1])
    np.testing.assert_allclose(metric.coco().precision, precision.transpose(2, 0, 1), **EXACT)
    np.testing.assert_allclose(metric.coco().recall, recall.transpose(2, 0, 1), **EXACT)
    assert_same_matches(metric.table(), dataset, theirs)


def assert_same_matches(table, dataset, theirs):
    """Compare every cell of the table: the truth taken and the ignore flag."""
    labels = {c: i for i, c in enumerate(theirs.params.catIds)}
    images = {name: i for i, name in enumerate(theirs.params.imgIds)}
    rows = sorted(
        dataset["annotations"],
        key=lambda row: (images[row["image_id"]], labels[row["category_id"]]),
    )
    names = np.array([row["id"] for row in rows] + [0])  # the last for -1: nothing taken
    levels = table.coco_indices
    areas = [tuple(limits) for limits in theirs.params.areaRng]
    matched = [names[[table.matched(level, area) for level in levels]] for area in range(4)]
    ignored = [np.stack([table.ignored(level, area) for level in levels]) for area in range(4)]
    order = np.lexsort((table.detections.place, table.detections.label, table.detections.image))
    group = (table.detections.image * len(labels) + table.detections.label)[order]
    seen = 0
    for entry in theirs.evalImgs:
        if entry is None:
            continue
        key = images[entry["image_id"]] * len(labels) + labels[entry["category_id"]]
        chosen = order[np.searchsorted(group, key) : np.searchsorted(group, key, side="right")]
        np.testing.assert_array_equal(table.detections.score[chosen], entry["dtScores"])
        area = areas.index(tuple(entry["aRng"]))
        np.testing.assert_array_equal(matched[area][:, chosen], entry["dtMatches"])
        np.testing.assert_array_equal(ignored[area][:, chosen], entry["dtIgnore"])
        seen += len(chosen)
    assert seen == 4 * len(table.detections)


def test_real_predictions(real_data):
    annotations = real_data / "coco128" / "annotations" / "instances_val2017_128.json"
    dataset = json.loads(annotations.read_text())
    with gzip.open(real_data / "yolov5n" / "predictions_val2017.json.gz") as file:
        results = json.load(file)
    assert_same_numbers(dataset, results)
    numbers = metric_of(dataset, results).compute()
    assert round(numbers["map50"], 4) == 0.5256
    assert round(numbers["map50_95"], 4) == 0.3400


@pytest.mark.parametrize("seed", range(30))
def test_hard_data(seed):
    assert_same_numbers(*hard_data(seed))


@pytest.mark.parametrize("most", [20, 300])
def test_numbers_of_coco_count_the_best_where_more_are_kept(most):
    """The table that is cut afterwards is the table that was cut before, to the last bit."""
    dataset, results = hard_data(98, images=25)
    few = metric_of(dataset, results, max_detections=10)
    many = metric_of(dataset, results, max_detections=10, most=most)
    assert len(many.table().detections.score) > len(few.table().detections.score)
    assert many.coco().summary() == pytest.approx(few.coco().summary(), abs=0, nan_ok=True)
    best, cut = many.table().best(10), few.table()
    for name in ("image", "label", "score", "box", "place", "outside"):
        columns = (getattr(table.detections, name) for table in (best, cut))
        np.testing.assert_array_equal(*columns)
    for name in ("detection", "matched", "ignored"):
        np.testing.assert_array_equal(getattr(best.rows, name), getattr(cut.rows, name))


@pytest.mark.parametrize("max_detections", [10, 17, 300])
def test_other_numbers_of_detections(max_detections):
    assert_same_numbers(*hard_data(99, images=25), max_detections)


def test_negative_order_of_images_does_not_matter():
    dataset, results = hard_data(7)
    turned = dict(dataset, images=dataset["images"][::-1])
    ours, theirs = metric_of(turned, results).compute(), metric_of(dataset, results).compute()
    np.testing.assert_equal(ours, theirs)


whole = st.integers(0, 6)
boxes = st.tuples(whole, whole, st.integers(1, 6), st.integers(1, 6)).map(
    lambda box: [16.0 * value for value in box]
)
truths = st.tuples(st.integers(1, 3), st.integers(1, 2), boxes, st.booleans(), st.just(0.0))
found = st.tuples(
    st.integers(1, 3), st.integers(1, 3), boxes, st.sampled_from([0.0, 0.25, 0.5, 0.5, 1.0])
)


@examples(120)
@given(st.lists(truths, max_size=10), st.lists(found, min_size=1, max_size=14))
def test_boxes_on_a_grid(objects, rows):
    objects = [
        (image, label, box, crowd, box[2] * box[3]) for image, label, box, crowd, _ in objects
    ]
    assert_same_numbers(coco_dataset([1, 2, 3], [1, 2, 3], objects), coco_results(rows))


def test_the_last_bit_of_a_width_is_recovered():
    # 0.12 + 32 - 0.12 is less than 32; so the box would belong to the small objects alone.
    box = [0.12, 0.12, 32.0, 32.0]
    assert (0.12 + 32.0) - 0.12 < 32.0
    dataset = coco_dataset([1], [1], [(1, 1, [300.0, 300.0, 40.0, 40.0], False, 1600.0)])
    results = coco_results([(1, 1, box, 0.9), (1, 1, [300.0, 300.0, 40.0, 40.0], 0.5)])
    assert_same_numbers(dataset, results)
    assert metric_of(dataset, results).coco().summary()["map_medium"] == pytest.approx(0.5)


def test_an_example_by_hand():
    numbers = coco_numbers(table_of(OBJECTS, ROWS))
    assert numbers.precision[0, 0].tolist() == pytest.approx([51 / 101, 0])
    assert numbers.recall[0, 0].tolist() == [0.5, 0]
    assert numbers.recall_at[1][0].tolist() == [0.5, 0]
    assert numbers.per_class().tolist() == pytest.approx([51 / 101, 0])
    summary = numbers.summary()
    assert list(summary) == [
        *("map50_95", "map50", "map75", "map_small", "map_medium", "map_large"),
        *("ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"),
    ]
    undefined = [name for name, value in summary.items() if np.isnan(value)]
    assert undefined == ["map_small", "map_large", "ar_small", "ar_large"]


def test_recalls_choose_where_precision_is_read():
    numbers = coco_numbers(table_of(OBJECTS, ROWS), recalls=np.array([0.25, 0.5, 0.75, 1.0]))
    assert numbers.precision[0, 0].tolist() == [0.5, 0]


def test_the_best_of_each_image_find_what_they_match():
    """A sure miss comes before the hit of image 1, so its best detection finds nothing."""
    table = table_of(OBJECTS, [(1, 1, [300.0, 300.0, 20.0, 20.0], 0.95), *ROWS])
    assert found_by_best(table, [0], 1).tolist() == [[0, 0]]
    assert found_by_best(table, [0, 9], 2).tolist() == [[1, 0], [1, 0]]


@pytest.mark.parametrize(
    ("most", "counts"), [(100, (1, 10, 100)), (5, (1, 5)), (1, (1,)), (10, (1, 10))]
)
def test_recall_is_given_at_one_ten_and_the_maximum(most, counts):
    assert recall_counts(most) == counts


def test_undefined_values_are_left_out_of_a_mean():
    assert mean(np.array([[1.0, np.nan], [0.0, np.nan]])) == 0.5
    assert np.isnan(mean(np.array([np.nan])))
    assert np.isnan(mean(np.empty(0)))
    np.testing.assert_array_equal(share(np.array([1, 0]), np.array([4, 0])), [0.25, np.nan])
