"""A small COCO file and its pictures, made and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.coco_format import CocoPart, read_coco


def picture(path: Path, width: int = 40, height: int = 30) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (200, 100, 50)).save(path)


def content() -> dict[str, Any]:
    """Two images, one without objects; categories with gaps, out of order."""
    return {
        "images": [
            {"id": 20, "file_name": "b.png", "width": 40, "height": 30},
            {"id": 3, "file_name": "a.png", "width": 40, "height": 30},
        ],
        "annotations": [
            {
                "id": 1,
                "image_id": 20,
                "category_id": 90,
                "bbox": [0.1, 0.2, 0.3, 0.4],
                "area": 0.06,
            },
            {"id": 2, "image_id": 20, "category_id": 7, "bbox": [5, 6, 10, 0], "iscrowd": 1},
        ],
        "categories": [{"id": 90, "name": "toothbrush"}, {"id": 7, "name": "train"}],
    }


def write(folder: Path, value: Any, name: str = "truth.json") -> Path:
    (folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
    return folder / name


def read(path: Path, images: Path) -> CocoPart:
    faults = Faults()
    part = read_coco(path, images, faults)
    faults.refuse()
    return part
