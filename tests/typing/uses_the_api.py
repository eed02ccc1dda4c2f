"""A user's script, for `mypy --strict`: the types that the public API promises."""

from __future__ import annotations

from pathlib import Path

import torch

import nntasks as nt
from nntasks.api import Prediction, Predictions, Rows
from nntasks.ops import batched_nms, box_iou, im2col, nms


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
