"""Time the twelve COCO numbers: ours against the programs of map_peers.py.

    python benchmarks/bench_map.py                  # 5,000 images, 500,000 detections; and a tenth
    python benchmarks/bench_map.py --images 500 --rounds 7 --peers hotcoco
    python benchmarks/bench_map.py --crowded        # the hardest case: every box near an object
    python benchmarks/bench_map.py --files          # from two JSON files on disk, and memory

Boxes are generated: about seven true objects per image of 80 unevenly frequent classes, three
detections scattered around each, the rest anywhere; with `--crowded` twenty objects of one class
and five detections around each. The programs take turns, and medians over the rounds are given,
wall-clock and processor time. Peers that are not installed are left out with a line.

From arrays: timed are, for the peers, evaluate, accumulate and summarize, on detections that they
have read and indexed beforehand (which takes them longer than it takes us to check ours); for us
`twelve numbers` is the same from arrays in memory, checks included, and `metric` the public
`DetectionMetric`: checks, table, COCO, VOC and YOLOv5 conventions, curves. All twelve numbers are
compared before anything is timed.

From files: every program has a process of its own, which has imported what it needs, reads a file
of COCO instances and one of results and computes the numbers. Memory is the most that the process
ever had, and, in brackets, what was added after the imports.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from map_files import time_files
from map_peers import PEERS

from nntasks.kernel_checks.timing import Row, medians
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.evaluation import evaluate
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.overlap import corner_and_size
from nntasks.plugins.yolo_detect.evaluation.records import Records
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


@dataclass(frozen=True)
class Kind:
    """What images look like."""

    classes: int
    objects: int
    near: int


USUAL = Kind(classes=80, objects=7, near=3)
CROWDED = Kind(classes=1, objects=20, near=5)


@dataclass(frozen=True)
class Data:
    """One generated data set: images in order, with ids 1, 2, ..."""

    names: list[str]
    found: list[Detections]
    truth: list[GroundTruth]

    @property
    def ids(self) -> list[int]:
        return list(range(1, len(self.truth) + 1))


def generate(images: int, detections: int, kind: Kind = USUAL, seed: int = 0) -> Data:
    """Return images of a kind with exactly `detections` detections each."""
    rng = np.random.default_rng(seed)
    frequency = 1 / np.arange(1, kind.classes + 1)
    frequency /= frequency.sum()
    found, truth = [], []
    for _ in range(images):
        count = int(rng.poisson(kind.objects))
        labels = rng.choice(kind.classes, count, p=frequency)
        boxes = _boxes(rng, count)
        areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) * rng.uniform(0.4, 1, count)
        truth.append(GroundTruth(boxes, labels, rng.random(count) < 0.01, areas))
        found.append(_detections(rng, boxes, labels, detections, frequency, kind.near))
    return Data([f"class{index}" for index in range(kind.classes)], found, truth)


def _boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    size = np.exp(rng.uniform(np.log(8), np.log(400), (count, 2)))
    low = rng.uniform(0, 1, (count, 2)) * (640 - size)
    return np.concatenate([low, low + size], axis=1)


def _detections(
    rng: np.random.Generator,
    boxes: np.ndarray,
    labels: np.ndarray,
    count: int,
    frequency: np.ndarray,
    near_each: int,
) -> Detections:
    near = min(near_each * len(boxes), count)
    source = np.arange(near) // near_each
    size = np.tile(boxes[source, 2:] - boxes[source, :2], 2)
    jitter = rng.normal(0, rng.uniform(0.01, 0.25, (near, 1)), (near, 4))
    around = boxes[source] + jitter * size
    around[:, 2:] = np.maximum(around[:, 2:], around[:, :2] + 1)
    other = count - near
    far_labels = rng.choice(len(frequency), other, p=frequency)
    if len(labels):
        same = rng.random(other) < 0.6
        far_labels[same] = labels[rng.integers(0, len(labels), int(same.sum()))]
    all_boxes = np.concatenate([around, _boxes(rng, other)])
    all_labels = np.concatenate([labels[source], far_labels])
    scores = np.concatenate([rng.beta(2, 2, near), rng.beta(1, 8, other)])
    order = np.argsort(-scores, kind="stable")
    # Detectors compute in single precision.
    all_boxes = all_boxes.astype(np.float32).astype(np.float64)
    scores = scores.astype(np.float32).astype(np.float64)
    return Detections(all_boxes[order], scores[order], all_labels[order])


def coco_dataset(data: Data) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the data set as a COCO annotation file and a COCO result file would hold it."""
    annotations: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for image, truth, found in zip(data.ids, data.truth, data.found, strict=True):
        boxes = corner_and_size(truth.boxes).tolist()
        columns = zip(boxes, truth.labels, truth.crowd, truth.areas, strict=True)
        for box, label, crowd, area in columns:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": int(label),
                    "bbox": box,
                    "iscrowd": int(crowd),
                    "area": float(area),
                }
            )
        boxes = corner_and_size(found.boxes).tolist()
        for box, score, label in zip(boxes, found.scores, found.labels, strict=True):
            results.append(
                {"image_id": image, "category_id": int(label), "bbox": box, "score": float(score)}
            )
    dataset = {
        "info": {},
        "images": [
            {"id": image, "width": 640, "height": 640, "file_name": f"{image:012d}.jpg"}
            for image in data.ids
        ],
        "categories": [{"id": label, "name": name} for label, name in enumerate(data.names)],
        "annotations": annotations,
    }
    return dataset, results


def twelve_numbers(data: Data) -> np.ndarray:
    """Our twelve numbers from arrays in memory, checks included."""
    records = Records(len(data.names))
    records.add(data.found, data.truth, data.ids)
    numbers = evaluate(records.flat(), len(data.names))
    return np.array(list(numbers.summary().values()))


def whole_metric(data: Data) -> dict[str, float]:
    """All that the public metric computes."""
    metric = DetectionMetric(data.names)
    metric.update(data.found, data.truth, data.ids)
    return metric.compute()


def calls_of(data: Data, peers: list[str]) -> dict[str, Callable[[], Any]]:
    """Return everyone's call, on data that they have read."""
    calls: dict[str, Callable[[], Any]] = {
        "ours, twelve numbers": lambda: twelve_numbers(data),
        "ours, metric": lambda: whole_metric(data),
    }
    dataset, results = coco_dataset(data)
    for name in peers:
        try:
            calls[name] = PEERS[name](dataset, results)
        except ImportError as error:
            print(f"  {name} is left out: {error}", file=sys.stderr)
    return calls


def timed(data: Data, rounds: int, peers: list[str]) -> tuple[dict[str, float], float]:
    """Return the median seconds of everyone, and the largest difference in the twelve numbers."""
    calls = calls_of(data, peers)
    ours = np.nan_to_num(twelve_numbers(data), nan=-1)  # they write -1 where we write NaN
    differences = [
        float(np.abs(ours - call()).max()) for name, call in calls.items() if name in PEERS
    ]
    return medians(calls, rounds=rounds), max(differences, default=0.0)


def rows(images: int = 5000, detections: int = 100, rounds: int = 3) -> list[Row]:
    """Return the rows of this benchmark in the table of all."""
    goals = {"hotcoco": 2.0, "ultrafast-pycocotools": 2.0, "faster-coco-eval": 5.0}
    times, _ = timed(generate(images, detections), rounds, list(goals))
    work = f"{images:,} images, {images * detections:,} detections"
    ours, metric = times["ours, twelve numbers"], times["ours, metric"]
    present = [peer for peer in goals if peer in times]
    return [
        *(
            Row("mAP", f"{work}, twelve numbers", ours, times[peer], peer, goals[peer])
            for peer in present
        ),
        *(
            Row("mAP", f"{work}, all conventions", metric, times[peer], peer)
            for peer in present[-1:]
        ),
    ]


def measure(images: int, detections: int, kind: Kind, rounds: int, peers: list[str]) -> None:
    data = generate(images, detections, kind)
    objects = sum(len(truth.labels) for truth in data.truth)
    print(f"{images:,} images, {images * detections:,} detections, {objects:,} true objects")
    median, largest = timed(data, rounds, peers)
    print(f"  largest difference in the twelve numbers: {largest:.1e}")
    ours = median["ours, twelve numbers"]
    for name, seconds in median.items():
        print(f"  {name:22s} {seconds:8.3f} s  {seconds / ours:6.2f} x our time")


def measure_files(images: int, detections: int, kind: Kind, rounds: int, peers: list[str]) -> None:
    dataset, results = coco_dataset(generate(images, detections, kind))
    with tempfile.TemporaryDirectory() as folder:
        truth, found = Path(folder, "instances.json"), Path(folder, "results.json")
        truth.write_text(json.dumps(dataset))
        found.write_text(json.dumps(results))
        size = (truth.stat().st_size + found.stat().st_size) / 1e6
        del dataset, results
        print(f"{images:,} images, {images * detections:,} detections, {size:.0f} MB of JSON")
        time_files(truth, found, rounds, peers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--detections", type=int, default=100, help="per image")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--crowded", action="store_true")
    parser.add_argument("--files", action="store_true", help="from JSON files on disk")
    parser.add_argument("--peers", nargs="*", choices=list(PEERS), default=list(PEERS))
    arguments = parser.parse_args()
    kind = CROWDED if arguments.crowded else USUAL
    work = measure_files if arguments.files else measure
    for images in arguments.images:
        work(images, arguments.detections, kind, arguments.rounds, arguments.peers)


if __name__ == "__main__":
    main()
