"""Precision against recall with a slider for the threshold, which also moves the image browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nntasks.interfaces.report_data import Interactive
from nntasks.report import style
from nntasks.report.formatting import clean
from nntasks.report.interactive.curves import CHART, CHART_STYLE, look_of, short

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 40  # that can be looked at alone
STEPS = 201  # thresholds
_HERE = "nntasks.report.interactive"


def threshold_sweep(
    thresholds: np.ndarray,
    right: np.ndarray,
    found: np.ndarray,
    truths: np.ndarray,
    names: Sequence[str],
    *,
    key: str,
    used: float,
) -> Interactive:
    """Return the sweep of a threshold.

    Args:
        thresholds: (L,) ascending, in 0..1.
        right, found: (C, L) true positives, and detections, at each threshold.
        truths: (C,) true objects.
        names: of the classes.
        key: the configuration key of the threshold.
        used: its value in the run.
    """
    import numpy as np

    places = np.unique(np.linspace(0, len(thresholds) - 1, STEPS).round().astype(int))
    groups = [("all classes", right.sum(0), found.sum(0), int(truths.sum()))]
    if len(names) <= MOST_CLASSES:
        parts = zip(names, right, found, truths, strict=True)
        groups += [(clean(name), one, other, int(count)) for name, one, other, count in parts]
    looks = style.looks(2)
    content = {
        "key": key,
        "used": used,
        "thresholds": short(thresholds[places].tolist()),
        "groups": [
            {
                "name": name,
                "right": one[places].tolist(),
                "found": other[places].tolist(),
                "truths": count,
            }
            for name, one, other, count in groups
        ],
        "looks": [look_of(look) for look in looks],
    }
    return Interactive("sweep", content, (*CHART, (_HERE, "sweep.js")), CHART_STYLE)
