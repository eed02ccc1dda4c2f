"""The choice between the compiled curves and their Python reference."""

from __future__ import annotations

from pathlib import Path

from nntasks.machine.host_module import HostModule

CURVES = HostModule(
    name="nntasks.plugins.yolo_detect.evaluation.confidence_curves._confidence_curves",
    folder=Path(__file__).parent,
    reference="nntasks.plugins.yolo_detect.evaluation.confidence_curves.reference",
    what="reader of confidence curves",
)
