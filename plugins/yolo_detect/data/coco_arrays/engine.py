"""The choice between the compiled reader of COCO files and its Python reference."""

from __future__ import annotations

from pathlib import Path

from nntasks.machine.host_module import HostModule

READER = HostModule(
    name="nntasks.plugins.yolo_detect.data.coco_arrays._coco_json",
    folder=Path(__file__).parent,
    reference="nntasks.plugins.yolo_detect.data.coco_arrays.reference",
    what="reader of COCO files",
)
