"""An untrained model of the smallest size, which finds much at confidence 0."""

from __future__ import annotations

from nntasks.interfaces import DataInfo
from nntasks.plugins.yolo_detect.model import PICO
from nntasks.runner import make_task
from nntasks.seeding import Seeds


def small_model(classes=("cat", "dog"), seed=0, **keys):
    """Return the model; `keys` are those of the configuration."""
    config = make_task("yolo_detect", [{"image_size": 64, "confidence": 0, **keys}]).config
    return PICO(config, DataInfo(tuple(classes)), Seeds(seed))
