"""`COCOeval`: the evaluation of boxes with pycocotools' methods, on our matcher."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.coco_api.class_results import ClassResults, from_images
from nntasks.plugins.yolo_detect.coco_api.coco import COCO
from nntasks.plugins.yolo_detect.coco_api.matches import Matches, match

_LINE = " {:<18} {} @[ IoU={:<9} | area={:>6s} | maxDets={:>3d} ] = {:0.3f}"


class Params:
    """The settings of an evaluation; see pycocotools."""

    def __init__(self, iouType: str = "segm") -> None:
        if iouType != "bbox":
            raise UsageError(
                f"iouType={iouType!r} is not supported, only 'bbox' is; use pycocotools for it"
            )
        self.imgIds: list[Any] = []
        self.catIds: list[Any] = []
        self.iouThrs = np.linspace(0.5, 0.95, 10)
        self.recThrs = np.linspace(0.0, 1.0, 101)
        self.maxDets = [1, 10, 100]
        self.areaRng = [[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]]
        self.areaRngLbl = ["all", "small", "medium", "large"]
        self.useCats = 1
        self.iouType = iouType
        self.useSegm: int | None = None


class COCOeval:
    """An evaluation: `evaluate`, `accumulate`, `summarize`.

    Attributes:
        cocoGt, cocoDt: truth and results.
        params: settings, to be changed before `evaluate`.
        evalImgs: results by category, area range and image; made when they are read, or set, as
            code that gathers them from several processes does.
        eval: what `accumulate` found: precision (T, R, K, A, M), recall (T, K, A, M), scores.
        stats: the twelve numbers of `summarize`; -1 where undefined.
    """

    def __init__(
        self, cocoGt: COCO | None = None, cocoDt: COCO | None = None, iouType: str = "segm"
    ) -> None:
        self.cocoGt, self.cocoDt = cocoGt, cocoDt
        self.params = Params(iouType)
        self.eval: dict[str, Any] = {}
        self.stats: Any = []
        self._paramsEval: Params | None = None
        self._matches: Matches | None = None
        self._given: list[Any] | None = None
        if cocoGt is not None:
            self.params.imgIds = sorted(cocoGt.getImgIds())
            self.params.catIds = sorted(cocoGt.getCatIds())

    @property
    def evalImgs(self) -> list[Any]:
        """The results by category, area range and image, None without objects and detections."""
        if self._given is None:
            self._given = [] if self._matches is None else self._matches.images()
        return self._given

    @evalImgs.setter
    def evalImgs(self, value: Any) -> None:
        self._given, self._matches = list(value), None

    def evaluate(self) -> None:
        """Match the detections of all images with their objects."""
        if self.cocoGt is None or self.cocoDt is None:
            raise UsageError("expected COCOeval(cocoGt, cocoDt, 'bbox'), got no truth or results")
        params = self.params
        params.imgIds = list(np.unique(params.imgIds))
        if params.useCats:
            params.catIds = list(np.unique(params.catIds))
        params.maxDets = sorted(params.maxDets)
        self._matches = match(self.cocoGt, self.cocoDt, params)
        self._given = None
        self._paramsEval = params

    def accumulate(self, p: Params | None = None) -> None:
        """Gather precision and recall of every threshold, category, area range and limit."""
        params = self.params if p is None else p
        levels, ranges = len(params.iouThrs), len(params.areaRng)
        categories = len(params.catIds) if params.useCats else 1
        shape = (levels, len(params.recThrs), categories, ranges, len(params.maxDets))
        precision, scores = -np.ones(shape), -np.ones(shape)
        recall = -np.ones((levels, categories, ranges, len(params.maxDets)))
        for place, results in enumerate(self._classes(params)):
            for at, most in enumerate(params.maxDets):
                kept = results.best(most)
                for area in np.flatnonzero(kept.objects).tolist():
                    for level in range(levels):
                        found = kept.curve(area, level, np.asarray(params.recThrs))
                        recall[level, place, area, at] = found[0]
                        precision[level, :, place, area, at] = found[1]
                        scores[level, :, place, area, at] = found[2]
        self.eval = {
            "params": params,
            "counts": list(shape),
            "date": datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
            "precision": precision,
            "recall": recall,
            "scores": scores,
        }

    def _classes(self, params: Params) -> Iterator[ClassResults]:
        if self._matches is not None and params is self._paramsEval:
            return self._matches.classes()
        if not self.evalImgs:
            raise UsageError("nothing to accumulate; call evaluate() first")
        return from_images(self.evalImgs, params)

    def summarize(self) -> None:
        """Print the twelve numbers, and keep them in `stats`."""
        if not self.eval:
            raise UsageError("nothing to summarize; call accumulate() first")
        most = self.params.maxDets
        wanted = [(1, None, "all", 100), (1, 0.5, "all", most[2]), (1, 0.75, "all", most[2])]
        wanted += [(1, None, size, most[2]) for size in ("small", "medium", "large")]
        wanted += [(0, None, "all", count) for count in most[:3]]
        wanted += [(0, None, size, most[2]) for size in ("small", "medium", "large")]
        self.stats = np.array([self._summary(*each) for each in wanted])

    def _summary(self, is_precision: int, iou: float | None, size: str, most: int) -> float:
        params = self.params
        areas = [i for i, name in enumerate(params.areaRngLbl) if name == size]
        limits = [i for i, count in enumerate(params.maxDets) if count == most]
        values = self.eval["precision" if is_precision else "recall"]
        if iou is not None:
            values = values[np.where(iou == params.iouThrs)[0]]
        values = values[..., areas, :][..., limits]
        defined = values[values > -1]
        mean = float(np.mean(defined)) if len(defined) else -1.0
        title, kind = ("Average Precision", "(AP)") if is_precision else ("Average Recall", "(AR)")
        shown = (
            f"{params.iouThrs[0]:0.2f}:{params.iouThrs[-1]:0.2f}" if iou is None else f"{iou:0.2f}"
        )
        print(_LINE.format(title, kind, shown, size, most, mean))
        return mean

    def computeOks(self, imgId: Any, catId: Any) -> None:
        """Refused: keypoints are not supported."""
        raise UsageError("COCOeval.computeOks is not supported, only boxes are; use pycocotools")

    def __str__(self) -> str:
        self.summarize()
        return ""
