"""The choice between the compiled evaluator and its Python reference."""

from __future__ import annotations

from pathlib import Path

from nntasks.machine.host_module import HostModule

EVALUATOR = HostModule(
    name="nntasks.plugins.yolo_detect.evaluation.coco_evaluator._coco_evaluator",
    folder=Path(__file__).parent,
    reference="nntasks.plugins.yolo_detect.evaluation.coco_evaluator.reference",
    what="evaluator of COCO's numbers",
)
