"""Images with their true objects and detections, for the image browser of a report.

False positives have the kinds of TIDE (see `evaluation.tide`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from PIL import Image

from nntasks.interfaces import Outcome
from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind
from nntasks.plugins.yolo_detect.evaluation.image_costs import image_costs
from nntasks.plugins.yolo_detect.evaluation.images import image_rows
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords, ImageId
from nntasks.plugins.yolo_detect.evaluation.tide import CUT, RIGHT, DetectionErrors
from nntasks.report.encoding import compact
from nntasks.report.gallery import shown

KINDS = (
    OutlineKind("right", "#2ecc71", "a detection that matches an object."),
    OutlineKind("Cls", "#e67e22", "right place, wrong class."),
    OutlineKind("Loc", "#f1c40f", "right class, but the box overlaps its object too little."),
    OutlineKind("Both", "#e056fd", "wrong class and too little overlap."),
    OutlineKind("Dupe", "#48dbfb", "the object has a better detection already."),
    OutlineKind("Bkg", "#ff5e57", "a detection where there is no object."),
    OutlineKind("missed", "#74b9ff", "an object without a matching detection.", dashed=True),
    OutlineKind("object", "#ffffff", "an object that was found.", dashed=True, shown=False),
    OutlineKind("crowd", "#b2bec3", "a region that is not counted.", dashed=True, shown=False),
)
_MISSED, _OBJECT, _CROWD = 6, 7, 8
_NOTE = (
    "Kinds of errors as TIDE counts them. `cost` is how much mAP@0.5 rises without the image, in "
    "points."
)
_MOST_DETECTIONS = 100  # of an image, highest scores first
_FEWEST_DETECTIONS, _IN_ALL = 12, 60_000  # of many images fewer are kept
_SIDE = 640  # longest side of an embedded picture, in pixels

Picture = tuple[bytes | str, int, int]  # bytes or a relative path, width, height


def browser(metric: DetectionMetric, outcome: Outcome) -> ImageBrowser | None:
    """Return the browser of a run's test images; None if the split has no images.

    Of many images the costliest and some others are taken.
    """
    samples = {sample.image_id: sample for sample in getattr(outcome.split, "samples", ())}
    numbers = image_numbers(metric.table(), metric.iou_threshold, metric.confidence)
    ranked = [name for name in numbers if name in samples]
    if not ranked:
        return None
    chosen = {name: samples[name] for name in shown(ranked)}
    pictures = outlines_of(metric.records(), metric.errors(), metric.class_names)
    listed = {name: numbers[name] for name in chosen}
    return browsed(listed, pictures, lambda name: embedded(chosen[name].read), metric.confidence)


def browsed(
    numbers: Mapping[ImageId, Mapping[str, float]],
    outlines: Mapping[ImageId, Sequence[Outline]],
    picture: Callable[[ImageId], Picture],
    least: float = 0.0,
) -> ImageBrowser:
    """Return a browser of images in the order of `numbers`.

    Args:
        numbers: of each image by name.
        outlines: of each image.
        picture: returns an image's picture.
        least: the confidence from which detections are shown at first.
    """
    return ImageBrowser(
        KINDS,
        [
            BrowsedPicture(name, *picture(name), values, outlines.get(name, ()))
            for name, values in numbers.items()
        ],
        _NOTE,
        least,
    )


def image_numbers(
    table: MatchTable, iou: float, confidence: float
) -> dict[ImageId, dict[str, float]]:
    """Return the numbers of each image, the costliest first: cost in points, F1, counts.

    Args:
        table: the matches.
        iou: the threshold of F1 and the counts.
        confidence: likewise.
    """
    costs = 100 * image_costs(table)
    order = np.argsort(np.where(np.isnan(costs), np.inf, -costs), kind="stable")
    rows = image_rows(table, iou, confidence)
    return {
        rows[i].image_id: {
            "cost": float(costs[i]),
            "F1": rows[i].f1,
            "false positives": rows[i].false_positives,
            "misses": rows[i].false_negatives,
            "objects": rows[i].objects,
        }
        for i in order.tolist()
    }


def outlines_of(
    records: FlatRecords, errors: DetectionErrors, names: Sequence[str]
) -> dict[ImageId, list[Outline]]:
    """Return the outlines of each image: objects, then detections by rising score."""
    found: dict[ImageId, list[Outline]] = {name: [] for name in records.image_ids}
    for image, outline in _objects(records, errors, names):
        found[records.image_ids[image]].append(outline)
    for image, outline in _detections(records, errors, names):
        found[records.image_ids[image]].append(outline)
    return found


def _objects(
    records: FlatRecords, errors: DetectionErrors, names: Sequence[str]
) -> Iterator[tuple[int, Outline]]:
    truths = records.truths
    kinds = np.where(truths.crowd, _CROWD, np.where(errors.found, _OBJECT, _MISSED))
    columns = zip(
        truths.image.tolist(),
        _corners(truths.box).tolist(),
        truths.label.tolist(),
        kinds.tolist(),
        strict=True,
    )
    for image, box, label, kind in columns:
        yield image, Outline(box, names[label], kind)


def _detections(
    records: FlatRecords, errors: DetectionErrors, names: Sequence[str]
) -> Iterator[tuple[int, Outline]]:
    """Yield the best detections of each image by rising score, so that the best are drawn last."""
    by_image, found = errors.order, records.detections
    first = np.searchsorted(found.image[by_image], found.image[by_image])
    share = _IN_ALL // max(len(records.image_ids), 1)
    most = min(max(share, _FEWEST_DETECTIONS), _MOST_DETECTIONS)
    kept = by_image[np.arange(len(by_image)) - first < most]
    kept = kept[(errors.kind[kept] != CUT) & ~errors.ignored[kept]][::-1]
    boxes = _corners(found.box)
    for index in kept.tolist():
        kind, about = int(errors.kind[index]), int(errors.truth[index])
        note = f"of {names[errors.truth_label[about]]}" if kind != RIGHT and about >= 0 else ""
        yield (
            int(found.image[index]),
            Outline(
                boxes[index].tolist(),
                names[found.label[index]],
                kind,
                float(found.score[index]),
                note,
            ),
        )


def _corners(boxes: np.ndarray) -> np.ndarray:
    """(N, 4) x, y, width, height -> x1, y1, x2, y2."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def embedded(read: Callable[[], np.ndarray]) -> Picture:
    """Return an image, at most `_SIDE` pixels wide and high, encoded, and its own size.

    Args:
        read: returns (H, W, 3) uint8 RGB.
    """
    pixels = read()
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    image.thumbnail((_SIDE, _SIDE))
    return compact(image), width, height
