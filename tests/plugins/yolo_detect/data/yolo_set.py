"""Small data sets in YOLO format, made and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from nntasks.config import build
from nntasks.interfaces import Splits
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder
from nntasks.seeding import Seeds


def load(path: Path) -> Splits:
    return YoloFolder(build(YoloFolder.Config, {"path": path}, prefix="data."), Seeds(0)).load(None)


def picture(path: Path, width: int = 40, height: int = 20) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (200, 100, 50)).save(path)
    return path


def label(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def describe(root: Path, **keys: Any) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / "data.yaml").write_text(yaml.safe_dump(keys))
    return root / "data.yaml"


def ids(splits: Splits) -> list[list[int | str]]:
    parts = (splits.train, splits.validation, splits.test)
    return [[sample.image_id for sample in part] for part in parts]
