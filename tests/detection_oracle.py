"""pycocotools as the oracle, and data that are hard on a matcher."""

from __future__ import annotations

import contextlib
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


def reference(dataset, results, max_detections=100):
    """Return the finished COCOeval."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = dataset
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.maxDets = [1, 10, max_detections]
        evaluation.evaluate()
        evaluation.accumulate()
        if max_detections == 100:
            evaluation.summarize()
    return evaluation


def corners(boxes):
    """COCO (x, y, w, h) lists -> (N, 4) (x1, y1, x2, y2), as every loader computes them."""
    boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def samples(dataset, results):
    """COCO dictionaries -> predictions, targets, ids."""
    labels = {c: i for i, c in enumerate(sorted(c["id"] for c in dataset["categories"]))}
    ids = [image["id"] for image in dataset["images"]]
    found = {name: [] for name in ids}
    true = {name: [] for name in ids}
    for row in results:
        found[row["image_id"]].append(row)
    for row in dataset["annotations"]:
        true[row["image_id"]].append(row)
    predictions = [
        Detections(
            corners([row["bbox"] for row in found[name]]),
            np.array([row["score"] for row in found[name]], dtype=np.float64),
            np.array([labels[row["category_id"]] for row in found[name]], dtype=np.int64),
        )
        for name in ids
    ]
    targets = [
        GroundTruth(
            corners([row["bbox"] for row in true[name]]),
            np.array([labels[row["category_id"]] for row in true[name]], dtype=np.int64),
            np.array([row["iscrowd"] for row in true[name]], dtype=bool),
            np.array([row["area"] for row in true[name]], dtype=np.float64),
        )
        for name in ids
    ]
    return predictions, targets, ids


def metric_of(dataset, results, **settings):
    """Return our metric that has seen the same data."""
    names = [str(c) for c in sorted(c["id"] for c in dataset["categories"])]
    metric = DetectionMetric(names, **settings)
    metric.update(*samples(dataset, results))
    return metric


def coco_dataset(images, classes, objects):
    """Build a COCO dictionary from rows (image, class, box, crowd, area)."""
    return {
        "info": {},
        "images": [{"id": image} for image in images],
        "categories": [{"id": label, "name": str(label)} for label in classes],
        "annotations": [
            {
                "id": index + 1,
                "image_id": image,
                "category_id": label,
                "bbox": list(box),
                "iscrowd": int(crowd),
                "area": area,
            }
            for index, (image, label, box, crowd, area) in enumerate(objects)
        ],
    }


def coco_results(rows):
    """Build COCO results from rows (image, class, box, score)."""
    return [
        {"image_id": image, "category_id": label, "bbox": list(box), "score": score}
        for image, label, box, score in rows
    ]


def hard_data(seed, images=12, classes=4):
    """Return COCO dictionaries full of crowds, ties, duplicates, boundaries and empty images.

    Boxes have two decimals, and many have exactly 32 or 96 pixels on a side, so that areas lie
    on the boundaries of the size ranges; many detections repeat a true box or another detection.
    """
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.arange(1, 10 * images))[:images].tolist()
    labels = np.sort(rng.permutation(np.arange(1, 91))[: classes + 1]).tolist()  # one is absent
    objects, rows = [], []
    for name in names:
        boxes = [_box(rng) for _ in range(rng.integers(0, 9))]
        for box in boxes:
            area = box[2] * box[3] * rng.choice([1.0, 1.0, 0.7])
            label = labels[rng.integers(0, classes)]
            objects.append((name, label, box, rng.random() < 0.15, float(area)))
        crowded = rng.random() < 0.1
        for _ in range(160 if crowded else rng.integers(0, 25)):
            box = _near(rng, boxes[rng.integers(0, len(boxes))]) if boxes else _box(rng)
            label = labels[0] if crowded else labels[rng.integers(0, classes + 1)]
            score = float(rng.choice([rng.random(), 0.5, 0.25, 0.9]))
            rows.append((name, label, box, score))
    rows.append((names[0], labels[0], _box(rng), 0.3))
    return coco_dataset(names, labels, objects), coco_results(rows)


def _box(rng):
    low = np.round(rng.uniform(0, 400, 2), 2)
    size = rng.choice([32.0, 96.0, 20.0, np.round(rng.uniform(1, 200), 2)], 2)
    return [float(value) for value in (*low, *size)]


def _near(rng, box):
    kind = rng.integers(0, 4)
    if kind == 0:
        return list(box)
    if kind == 1:
        return _box(rng)
    if kind == 2:  # exactly half of the box: IoU 0.5 but for rounding
        return [box[0], box[1], box[2] / 2, box[3]]
    moved = np.array(box) + rng.normal(0, 4, 4)
    return [float(value) for value in np.round(np.maximum(moved, 1), 2)]


def table_of(objects, rows, images=(1, 2, 3), classes=(1, 2), **settings):
    """Return the table of matches of rows as `coco_dataset` and `coco_results` take them."""
    return metric_of(coco_dataset(images, classes, objects), coco_results(rows), **settings).table()


# Classes 1 and 2 in three images, the last empty. Class 1 has one hit (the surest detection), a
# duplicate, a box on an object of class 2 and a small one on nothing; class 2 is not found at all.
A, B = [0.0, 0.0, 40.0, 40.0], [100.0, 0.0, 40.0, 40.0]
OBJECTS = [(1, 1, A, False, 1600.0), (1, 2, B, False, 1600.0), (2, 1, A, False, 1600.0)]
ROWS = [
    (1, 1, A, 0.9),
    (1, 1, [0.0, 0.0, 40.0, 39.0], 0.8),
    (1, 1, B, 0.7),
    (2, 1, [300.0, 300.0, 20.0, 20.0], 0.6),
]
