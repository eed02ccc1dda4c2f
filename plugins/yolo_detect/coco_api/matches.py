"""The matches of an evaluation, read by category or by image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nntasks.plugins.yolo_detect.coco_api.class_results import ClassResults
from nntasks.plugins.yolo_detect.coco_api.coco import COCO


@dataclass(frozen=True)
class Matches:
    """The matches of all detections; see `nntasks.ops.match_detections`.

    Attributes:
        params: the settings.
        found, true: columns of detections and objects in the order of the matches: "image" and
            "label" (places), "id", "score" or "crowd".
        place: (N,) int64, rank of a detection in its image and category.
        matched: (N, A, T) int64, index of the object, or -1.
        ignored: (N, A, T) bool.
        true_ignored: (G, A) bool.
    """

    params: Any
    found: dict[str, np.ndarray]
    true: dict[str, np.ndarray]
    place: np.ndarray
    matched: np.ndarray
    ignored: np.ndarray
    true_ignored: np.ndarray

    def classes(self) -> Iterator[ClassResults]:
        """Yield the results of each category."""
        labels = np.arange(len(self.params.catIds) if self.params.useCats else 1)
        starts, ends = (
            np.searchsorted(self.found["label"], labels, side) for side in ("left", "right")
        )
        for label, start, end in zip(labels, starts, ends, strict=True):
            mine = slice(start, end)
            yield ClassResults(
                self.found["score"][mine],
                self.place[mine],
                (self.matched[mine] >= 0).transpose(1, 2, 0),
                self.ignored[mine].transpose(1, 2, 0),
                (~self.true_ignored[self.true["label"] == label]).sum(axis=0),
            )

    def images(self) -> list[dict[str, Any] | None]:
        """Return `COCOeval.evalImgs`: by category, area range and image."""
        images, ranges = len(self.params.imgIds), len(self.params.areaRng)
        categories = self.params.catIds if self.params.useCats else [-1]
        cells = [self._cells(part, images) for part in (self.found, self.true)]
        made: list[dict[str, Any] | None] = []
        for label, category in enumerate(categories):
            for area in range(ranges):
                for image in range(images):
                    found, true = (cell.get(label * images + image) for cell in cells)
                    if found is None and true is None:
                        made.append(None)
                        continue
                    none = np.zeros(0, np.int64)
                    rows = (none if found is None else found, none if true is None else true)
                    made.append(self._image(*rows, (image, category, area)))
        return made

    def _cells(self, part: dict[str, np.ndarray], images: int) -> dict[int, np.ndarray]:
        key = part["label"] * images + part["image"]
        order = np.argsort(key, kind="stable")
        values, starts = np.unique(key[order], return_index=True)
        return dict(zip(values.tolist(), np.split(order, starts)[1:], strict=True))

    def _image(
        self, found: np.ndarray, true: np.ndarray, at: tuple[int, Any, int]
    ) -> dict[str, Any]:
        image, category, area = at
        true = true[np.argsort(self.true_ignored[true, area], kind="mergesort")]
        matched = self.matched[found, area].T  # (T, D)
        ids = np.append(self.true["id"], 0)
        taken = np.zeros((len(matched), len(true)))
        columns = {object_: column for column, object_ in enumerate(true.tolist())}
        for level, row in enumerate(matched.tolist()):
            for detection, object_ in zip(self.found["id"][found].tolist(), row, strict=True):
                if object_ >= 0:
                    taken[level, columns[object_]] = detection
        return {
            "image_id": self.params.imgIds[image],
            "category_id": category,
            "aRng": self.params.areaRng[area],
            "maxDet": self.params.maxDets[-1],
            "dtIds": self.found["id"][found].tolist(),
            "gtIds": self.true["id"][true].tolist(),
            "dtMatches": ids[matched].astype(np.float64),
            "gtMatches": taken,
            "dtScores": self.found["score"][found].tolist(),
            "gtIgnore": self.true_ignored[true, area].astype(np.int64),
            "dtIgnore": self.ignored[found, area].T,
        }


def match(truth: COCO, results: COCO, params: Any) -> Matches:
    """Match the detections with the objects of the chosen images and categories."""
    from nntasks.ops import match_detections

    found, true = _rows(results, params), _rows(truth, params)
    score = np.array([row["score"] for row in found["rows"]], dtype=np.float64)
    crowd = np.array([bool(row.get("iscrowd", 0)) for row in true["rows"]], dtype=bool)
    area = np.array([row["area"] for row in true["rows"]], dtype=np.float64)
    matches = match_detections(
        (found["image"], found["label"], score, found["box"]),
        (true["image"], true["label"], true["box"], crowd, area),
        thresholds=np.asarray(params.iouThrs, dtype=np.float64),
        area_ranges=np.array(params.areaRng, dtype=np.float64),
        max_detections=params.maxDets[-1],
    )
    index, place, outside, order, true_ignored, row, matched, ignored = (
        column.numpy() for column in matches
    )
    shape = (len(index), len(params.areaRng), len(params.iouThrs))
    dense, dense_ignored = np.full(shape, -1), np.repeat(outside[..., None], shape[2], axis=2)
    dense[row], dense_ignored[row] = matched, ignored
    ordered = {key: found[key][index] for key in ("image", "label", "id")}
    objects = {key: true[key][order] for key in ("image", "label", "id")}
    return Matches(
        params,
        ordered | {"score": score[index]},
        objects,
        place,
        dense,
        dense_ignored,
        true_ignored,
    )


def _rows(coco: COCO, params: Any) -> dict[str, Any]:
    """Return the annotations of the chosen images and categories in columns, image by image."""
    labels = {name: label for label, name in enumerate(params.catIds)}
    rows, images = [], []
    for place, name in enumerate(params.imgIds):
        own = coco.imgToAnns.get(name, ())
        chosen = [row for row in own if row["category_id"] in labels]
        if not params.useCats:  # category after category, on which equal scores depend
            chosen.sort(key=lambda row: labels[row["category_id"]])
        rows += chosen
        images += [place] * len(chosen)
    label = [labels[row["category_id"]] if params.useCats else 0 for row in rows]
    return {
        "rows": rows,
        "image": np.array(images, dtype=np.int64),
        "label": np.array(label, dtype=np.int64),
        "id": np.array([row["id"] for row in rows], dtype=np.int64),
        "box": np.array([row["bbox"] for row in rows], dtype=np.float64).reshape(-1, 4),
    }
