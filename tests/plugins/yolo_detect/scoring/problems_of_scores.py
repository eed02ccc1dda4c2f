"""A small problem for the tables of scores."""

from __future__ import annotations

from detection_oracle import OBJECTS, ROWS, coco_dataset, coco_results, metric_of

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem


def example(dataset=None, results=None):
    """Return the Problem of COCO dictionaries, by default of the example of `detection_oracle`."""
    dataset = coco_dataset([1, 2, 3], [1, 2], OBJECTS) if dataset is None else dataset
    metric = metric_of(dataset, coco_results(ROWS) if results is None else results)
    return Problem.of(metric.class_names, metric.records())
