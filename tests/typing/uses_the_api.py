"""A user's script, for `mypy --strict`: the types that the public API promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

import nntasks as nt
from nntasks.api import Prediction, Predictions, Pruned, Rows
from nntasks.estimators import NNTasksClassifier, NNTasksSegmenter
from nntasks.ops import batched_nms, box_iou, im2col, nms
from nntasks.plugins.numpy_mlp import Linear, Network, Sgd, check_gradients, cross_entropy, trace
from nntasks.plugins.yolo_detect import GroundTruth, match_boxes, nms_steps, read_output


def best_dice(folders: list[Path]) -> float:
    results: list[nt.Result] = [nt.load(folder) for folder in folders]
    return max(result.metrics["dice"] for result in results)


def train(picture: Path) -> Rows:
    result: nt.Result = nt.run("unet_segment", epochs=1, data_options={"train": 16})
    again: nt.Result = nt.evaluate(result, threshold=0.6)
    losses: list[object] = result.history.column("loss")
    assert losses
    comparison: str = nt.compare(result, again).sentences[0]
    print(comparison, result.report.name, str(nt.explain(result, picture)))
    found: Prediction | Predictions = result.predict(picture)
    return found.records


def kept(boxes: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    groups = torch.zeros(len(scores), dtype=torch.int64)
    overlaps: torch.Tensor = box_iou(boxes, boxes, kind="giou")
    columns: torch.Tensor = im2col(torch.zeros(1, 3, 8, 8), 3)
    assert len(overlaps)
    assert len(columns)
    return batched_nms(boxes, scores, groups, 0.5)[: len(nms(boxes, scores, 0.5))]


def best_rate() -> str:
    search = nt.tune("numpy_mlp", space={"lr": "1e-3:1:log"}, trials=3)
    ablation = nt.ablate("numpy_mlp", lr=[0.1, 0.02], seeds=2)
    return search.best["lr"] + ablation.sentences[0]


def tidied(best: nt.Result) -> int:
    tags: tuple[str, ...] = nt.runs.tag(best, "baseline")
    rows: Rows = nt.runs(where=["state=finished", f"tag={tags[0]}"], sort="dice", csv="runs.csv")
    removal: Pruned = nt.runs.prune(where="state=failed", keep_best=5, by="dice", yes=bool(rows))
    nt.runs.untag(removal.runs[0]["run"], *tags)
    return removal.size


def trained_by_hand() -> bool:
    x, labels = np.ones((4, 2)), np.array([0, 1, 1, 0])
    network = Network([Linear(np.ones((2, 2)), bias=[0, 1])])
    loss, gradient = cross_entropy(network.forward(x), labels)
    network.backward(gradient)
    Sgd(network, momentum=0.9).step(lr=0.1)
    shapes: list[tuple[int, ...]] = [
        a.shape for a in trace(network, x, labels).activations.values()
    ]
    index: tuple[int, ...] = check_gradients(network, x, labels).worst.index
    return loss > 0 and len(shapes) > len(index)


def precision_by_hand(run: nt.Result, picture: np.ndarray, truth: GroundTruth) -> float:
    output = read_output(run, picture)
    steps = nms_steps(output.candidates(confidence=0.25), iou=0.45)
    rows: Rows = steps.table
    matches = match_boxes(output.in_picture(steps.final), truth)
    average: float = matches.curve("cat").average_precision("voc10")
    return average + matches.precision + len(rows) + float(output["objectness"].max())


def fitted(x: np.ndarray, y: np.ndarray, masks: np.ndarray) -> np.ndarray:
    classifier: NNTasksClassifier = NNTasksClassifier("numpy_mlp", epochs=3).fit(x, y)
    segmenter = NNTasksSegmenter("unet_segment", validation_fraction=0.1).fit(x, masks)
    dice: float = segmenter.score(x, masks)
    shares: np.ndarray = classifier.predict_proba(x) * dice
    return shares
