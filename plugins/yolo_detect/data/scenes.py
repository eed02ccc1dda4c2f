"""Generated scenes: real handwritten digits on painted backgrounds, each with its tight box."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.machine.forked import map_forked
from nntasks.plugins.yolo_detect.data.scene_options import ScenesConfig
from nntasks.plugins.yolo_detect.data.scene_painting import Scene, digits_of, paint_numbered
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample
from nntasks.seeding import Seeds

CLASSES = tuple("0123456789")
_MANY = 32  # least number of scenes for which processes are forked


class Scenes(Dataset):
    """Digits in painted scenes; nothing is downloaded or stored."""

    Config = ScenesConfig
    source = (
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, 1998 (as in scikit-learn), on generated grounds"
    )
    licence = "CC BY 4.0 (digits)"

    options: ScenesConfig

    def load(self, root: Path | None) -> Splits:
        """Return sequences of `Sample`; a scene is painted when first asked for, then kept."""
        options = self.options
        return Splits(
            train=SceneSequence(options, self.seeds, "train", options.train),
            validation=SceneSequence(options, self.seeds, "validation", options.validation),
            test=SceneSequence(options, self.seeds, "test", options.test),
            info=DataInfo(classes=CLASSES, input_shape=(3, options.size, options.size)),
        )


class SceneSequence(Sequence[Sample]):
    """The scenes of one split; scene `i` is a function of (seed, split, i, options) alone."""

    def __init__(self, options: ScenesConfig, seeds: Seeds, split: str, count: int) -> None:
        self._options, self._seeds, self._split, self._count = options, seeds, split, count
        self._kept: dict[int, Sample] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # overloads of Sequence
        if isinstance(index, slice):
            chosen = range(*index.indices(self._count))
            self._paint_ahead([i for i in chosen if i not in self._kept])
            return [self[i] for i in chosen]
        if not -self._count <= index < self._count:
            raise IndexError(f"scene {index} of {self._count} ({self._split})")
        index = int(index) % self._count
        if index not in self._kept:
            self._keep(index, paint_numbered(self._options, self._seeds, self._split, index))
        return self._kept[index]

    def _paint_ahead(self, indices: list[int]) -> None:
        """Paint many scenes on all cores."""
        if len(indices) < _MANY:
            return
        digits_of(self._split)  # read once, before the process is copied
        paint = partial(paint_numbered, self._options, self._seeds, self._split)
        for index, scene in zip(indices, map_forked(paint, indices), strict=True):
            self._keep(index, scene)

    def _keep(self, index: int, scene: Scene) -> None:
        image, boxes, labels = scene
        self._kept[index] = Sample(
            image_id=f"{self._split}-{index:05d}",
            read=partial(np.array, image),  # a copy, which the reader may change
            truth=GroundTruth.from_boxes(boxes, labels),
        )
