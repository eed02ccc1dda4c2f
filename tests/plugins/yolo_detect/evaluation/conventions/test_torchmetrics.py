"""torchmetrics' defaults against its figures and against the program."""

from __future__ import annotations

import warnings

import pytest
import torch
from detection_oracle import hard_data, samples
from problems import ours, problem_of
from score_problems import PROBLEMS, problem

from nntasks.plugins.yolo_detect.evaluation.conventions.torchmetrics import torchmetrics


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_figures_of_the_program(real_data, name):
    dataset, results, figures = problem(real_data, name)
    numbers = ours(torchmetrics(problem_of(dataset, results)))
    figures = {key: figures["torchmetrics"][key] for key in numbers}
    assert numbers == pytest.approx(figures, abs=1e-6, rel=0)


@pytest.mark.parametrize("seed", range(4))
def test_the_program_on_hard_data(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        detection = pytest.importorskip("torchmetrics.detection")
    dataset, results = hard_data(seed)
    metric = detection.MeanAveragePrecision(backend="faster_coco_eval")
    dataset["images"].sort(key=lambda image: image["id"])  # among equal scores images go by place
    found, true, _ = samples(dataset, results)
    metric.update(
        [
            {
                "boxes": torch.from_numpy(one.boxes).float(),
                "scores": torch.from_numpy(one.scores).float(),
                "labels": torch.from_numpy(one.labels),
            }
            for one in found
        ],
        [
            {
                "boxes": torch.from_numpy(one.boxes).float(),
                "labels": torch.from_numpy(one.labels),
                "iscrowd": torch.from_numpy(one.crowd).long(),
            }
            for one in true
        ],
    )
    theirs = metric.compute()
    numbers = ours(torchmetrics(problem_of(dataset, results)))
    expected = {key: float(theirs[key]) for key in numbers}
    assert numbers == pytest.approx(expected, abs=1e-6, rel=0)
