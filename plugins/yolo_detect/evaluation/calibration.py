"""Whether confidences are what they say: the detection calibration error and its table.

Source: F. Küppers, J. Kronenberger, A. Shantia, A. Haselhoff, "Multivariate Confidence Calibration
for Object Detection", CVPR Workshops 2020. A detector is calibrated if, of the detections with
confidence p, the share p is right. This is their D-ECE with confidence as the only dimension, or,
given the sizes of the images, also with the centre of the box: a detector may be too sure of itself
at the edges of images and not sure enough in their middle, which cancels out otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.statistics.bootstrap import Estimate, replicates

BINS = 20  # as in the source
POSITION_BINS = 8  # of confidence, of the centre's x and of its y, where position counts


@dataclass(frozen=True)
class Calibration:
    """Detections by confidence, in bins of equal width; ignored detections are left out.

    Attributes:
        edges: (BINS + 1,) float64 from 0 to 1; a bin includes its lower edge, the last both.
        bin: (N,) int64 of each counted detection; one of confidence, or of confidence and place.
        image: (N,) int64.
        confidence: (N,) float64.
        right: (N,) bool, true positives.
        images: how many there are.
        bins: how many of them there are.
    """

    edges: np.ndarray
    bin: np.ndarray
    image: np.ndarray
    confidence: np.ndarray
    right: np.ndarray
    images: int
    bins: int = BINS

    def rows(self) -> list[dict[str, Any]]:
        """Return the reliability table, a row for each bin that is not empty.

        `precision` is the share of right detections with a 95 % interval over images, `gap` the
        mean confidence minus it: above 0 the detector is too sure of itself. Bins are those of
        confidence alone.
        """
        counts = np.bincount(self.bin, minlength=len(self.edges) - 1)
        sure = np.bincount(self.bin, self.confidence, minlength=len(counts))
        found = replicates(self._shares, self.images, seed=0)
        rows = []
        for place in np.flatnonzero(counts):
            precision, low, high = found[str(place)].interval()
            confidence = float(sure[place] / counts[place])
            rows.append(
                {
                    "from": float(self.edges[place]),
                    "to": float(self.edges[place + 1]),
                    "detections": int(counts[place]),
                    "confidence": confidence,
                    "precision": precision,
                    "low": low,
                    "high": high,
                    "gap": confidence - precision,
                }
            )
        return rows

    def error(self) -> Estimate:
        """Return D-ECE, the mean gap in size over the detections, with its interval over images.

        The error of a resample is higher than that of the sample, most of all with few detections;
        the interval corrects for it and may lie below the number.
        """
        return replicates(self._errors, self.images, seed=0)["d_ece"].interval()

    def _sums(self, weights: np.ndarray, values: np.ndarray) -> np.ndarray:
        """(bins, W): the weighted sums of values in each bin."""
        from scipy.sparse import csr_matrix

        shape = (self.bins, self.images)
        per_image = csr_matrix((values.astype(np.float64), (self.bin, self.image)), shape)
        return np.asarray(per_image @ weights.T.astype(np.float64))

    def _shares(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        right = self._sums(weights, self.right)
        counts = self._sums(weights, np.ones(len(self.bin)))
        with np.errstate(invalid="ignore"):
            shares = np.where(counts > 0, right / counts, np.nan)
        return {str(place): share for place, share in enumerate(shares)}

    def _errors(self, weights: np.ndarray) -> dict[str, np.ndarray]:
        gaps = np.abs(self._sums(weights, self.right - self.confidence)).sum(axis=0)
        counts = self._sums(weights, np.ones(len(self.bin))).sum(axis=0)
        with np.errstate(invalid="ignore"):
            return {"d_ece": np.where(counts > 0, gaps / counts, np.nan)}


def calibration(
    table: MatchTable,
    iou: float = 0.5,
    *,
    least: float = 0.0,
    label: int | None = None,
    sizes: np.ndarray | None = None,
) -> Calibration:
    """Sort the detections into bins by confidence.

    Args:
        table: the matches.
        iou: one of its thresholds, from which on a match is right.
        least: the lowest confidence that counts; the source takes 0.3.
        label: one class only; all together if None.
        sizes: (I, 2) float64, widths and heights in pixels, above 0: bins of confidence and place.
    """
    threshold = table.threshold_index(iou)
    found = table.detections
    chosen = ~table.ignored(threshold) & (found.score >= least)
    if label is not None:
        chosen &= found.label == label
    confidence = found.score[chosen]
    image, bins = found.image[chosen], BINS if sizes is None else POSITION_BINS
    shares = [confidence]
    if sizes is not None:
        box = found.box[chosen]
        shares += list(((box[:, :2] + box[:, 2:] / 2) / sizes[image]).T)
    place = np.zeros(len(confidence), np.int64)
    for share in shares:
        place = place * bins + np.clip((share * bins).astype(np.int64), 0, bins - 1)
    return Calibration(
        edges=np.arange(bins + 1) / bins,
        bin=place,
        image=image,
        confidence=confidence,
        right=table.matched(threshold)[chosen] >= 0,
        images=len(table.image_ids),
        bins=bins ** len(shares),
    )
