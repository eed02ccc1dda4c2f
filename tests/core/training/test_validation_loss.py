"""The loss of a validation: the mean of its batches, in the row of the validation."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch

import nntasks as nt
from nntasks.interfaces import Batch, LossSum
from nntasks.machine.distributed import ALONE
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox
from nntasks.plugins.yolo_detect.samples import GroundTruth
from nntasks.plugins.yolo_detect.training.splits import rows_of_objects

SHORT = {
    "unet_segment": {"epochs": 2, "width": 4, "depth": 2, "data.train": 8},
    "yolo_detect": {"epochs": 2, "data.train": 8, "data.size": 64, "validate_every": 1},
}


class Two:
    """Two processes, each with half of the batches."""

    def __init__(self, other):
        self.other = other

    def gather(self, value):
        return [value, self.other]


def test_the_mean_weighs_batches_by_their_samples_in_any_order():
    batches = [(random.Random(n).random() * 10.0**n, 1 + n % 5) for n in range(-9, 9)]
    whole, half = LossSum(), LossSum()
    for batch in batches:
        whole.add(*batch)
    for batch in batches[::-2]:
        half.add(*batch)
    expected = math.fsum(loss * count for loss, count in batches) / sum(n for _, n in batches)
    assert whole.mean(ALONE) == expected
    assert half.mean(Two(batches[-2::-2])) == expected
    assert LossSum().mean(ALONE) is None


@pytest.mark.slow
@pytest.mark.parametrize("task", SHORT)
def test_the_row_has_the_loss_of_training_on_the_validation_pictures(task, tmp_path, monkeypatch):
    from nntasks.runner.handle import Run

    expected = []
    validate = Run.validate

    def watched(run, model, split, **words):
        found = validate(run, model, split, **words)
        batch = split.batch(range(len(split)))
        if task == "yolo_detect":
            targets = rows_of_objects(batch.targets, batch.inputs.letterboxes)
            batch = Batch(batch.inputs, targets, batch.ids)
        with torch.inference_mode():
            expected.append(float(model.loss(model.module.eval(), batch)[0]))
        return found

    monkeypatch.setattr(Run, "validate", watched)
    keys = {"data.validation": 4, "data.test": 4, "evaluation_batch": 4, **SHORT[task]}
    result = nt.run(task, out=tmp_path, quiet=True, **keys)
    rows = [row for row in result.history if row["split"] == "validation"]
    assert [row["loss"] for row in rows] == pytest.approx(expected, rel=1e-4)
    assert len(rows) == 2
    assert result.model.validation_loss is None
    assert "loss" not in result.summary["metrics"]


def test_objects_in_squares_have_the_rows_of_training():
    boxes = np.array([[0.0, 0, 40, 20], [10, 10, 10, 18], [5, 5, 25, 15]])
    truth = GroundTruth.from_boxes(boxes, labels=np.array([2, 0, 1]))
    found = rows_of_objects([truth, truth], [Letterbox.of(40, 20, 80), Letterbox.of(40, 20, 40)])
    # The picture fills the square's width and the middle half of its height.
    own = [[2, 0.5, 0.5, 1.0, 0.5], [1, 0.375, 0.5, 0.5, 0.25]]
    assert found[:, 0].tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found[:2, 1:].numpy(), own, atol=1e-6)
    np.testing.assert_allclose(found[2:, 1:].numpy(), own, atol=1e-6)
    assert rows_of_objects([], []).shape == (0, 6)
