"""The folder of a run as truth and as detections: its test images, and what its weights find."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.api.result import Result
from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.overlap import corner_and_size
from nntasks.plugins.yolo_detect.samples import Sample
from nntasks.plugins.yolo_detect.scoring.columns import FoundBox, TrueImage, TrueObject, Truth


class ScoredRun:
    """A run of detection, evaluated again.

    A run keeps its numbers, weights and configuration, and no boxes. Its evaluation gives the same
    boxes again, to the last bit on the same machine.

    Args:
        path: the folder of the run.
        task: the name of the task that is scored.

    Raises:
        UsageError: there is no run; it is not finished, of another task, has no final weights or no
            metric of boxes, or its test data have changed since.
        MissingError: its data are not here.
    """

    def __init__(self, path: Path, task: str) -> None:
        self.path = path
        self._run = Result(path)
        if self._run.summary["task"] != task:
            raise UsageError(
                f"{path} is a run of {self._run.summary['task']}, expected one of {task}"
            )
        _ = self._run.model  # weights are looked at before anything is computed
        changed = self._run.change_of_data()
        if changed:
            raise UsageError(
                f"the data have changed since {path}: {changed}; restore them, or evaluate the run "
                f"again with nntasks evaluate {path}, and score the new run"
            )
        if not _of_boxes(contracts.task_metrics(self._run.task, self._run.splits.info)):
            raise UsageError(
                f"{path} was evaluated without boxes; evaluate it again with nntasks evaluate "
                f"{path} metrics=detection, and score the new run"
            )

    @cached_property
    def truth(self) -> Truth:
        """The objects of the test split; every picture is read for its size."""
        images, objects = [], []
        for place, sample in enumerate(self._samples):
            height, width = sample.read().shape[:2]
            images.append(TrueImage(sample.image_id, str(sample.image_id), (width, height)))
            true = sample.truth
            rows = zip(
                corner_and_size(true.boxes).tolist(),
                true.labels.tolist(),
                true.areas.tolist(),
                true.crowd.tolist(),
                strict=True,
            )
            objects += [
                TrueObject(place, label, tuple(box), area, crowd)
                for box, label, area, crowd in rows
            ]
        reads = {sample.image_id: sample.read for sample in self._samples}
        return Truth(images, dict(enumerate(self._names)), objects, str(self.path), reads)

    def check(self, truth: Truth, faults: Faults) -> None:
        """Check that a truth has the images and classes of the run.

        Args:
            truth: of this run, of another one, or from a file.
            faults: takes images and classes that it does not have.

        Raises:
            UsageError: the truth is that of a run with other test data.
        """
        if truth.reads is not None and truth is not self.truth and not truth.same(self.truth):
            raise UsageError(
                f"{self.path} was tested on other data than {truth.source}, which is the truth; "
                "compare runs with equal test data"
            )
        for name in self._ids:
            if truth.place(name) is None:
                faults.add(f"{self.path}: image {name!r:.60} is not in the truth")
        for name in self._names:
            if truth.label(name) is None:
                faults.add(f"{self.path}: class {name!r:.60} is not in the truth")

    def found(self, truth: Truth) -> list[FoundBox]:
        """Return the detections in all test images, for a truth that `check` has passed."""
        (metric,) = _of_boxes(self._run.outcome.metrics)
        records = metric.records()
        places = [truth.place(name) for name in records.image_ids]
        labels = [truth.label(name) for name in self._names]
        found = records.detections
        columns = (found.image, found.label, found.score, found.box)
        return [
            FoundBox(places[image], labels[label], score, tuple(box))
            for image, label, score, box in zip(*(c.tolist() for c in columns), strict=True)
        ]

    @cached_property
    def _samples(self) -> list[Sample]:
        return list(self._run.splits.test.samples)

    @property
    def _ids(self) -> list[int | str]:
        return [sample.image_id for sample in self._samples]

    @property
    def _names(self) -> list[str]:
        return [str(name) for name in self._run.splits.info.classes]


def _of_boxes(metrics: Any) -> list[DetectionMetric]:
    return [one for one in metrics.values() if isinstance(one, DetectionMetric)]
