"""Colours that differ for every reader, and their counterparts on a dark page.

Distances are measured in Oklab (Ottosson 2020, https://bottosson.github.io/posts/oklab/), for usual
vision and for vision without red or green cones (Viénot, Brettel and Mollon 1999).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# The first six are those of Okabe and Ito (https://jfly.uni-koeln.de/color/). The others are far
# from these and from each other.
TEN = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#6e1423",
    "#23238e",
    "#41cfa5",
    "#7766ff",
)
PAPER, DARK_PAPER = "#ffffff", "#1b2027"  # the second is the card of report.css in the dark
_STEPS = range(0, 256, 17)  # the colours to choose from
_LIGHTNESS = (0.3, 0.86)  # in Oklab; others vanish on paper or are hard to tell from ink
# Lightness on paper, and in the dark: white becomes DARK_PAPER, a grid stays faint.
_ON_PAPER = (0.0, 0.31, 0.6, 0.8, 0.86, 0.93, 1.0)
_IN_THE_DARK = (1.0, 0.93, 0.72, 0.62, 0.56, 0.32, 0.243)

_VISIONS = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
)
_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


@functools.cache
def distinct(count: int) -> tuple[str, ...]:
    """Return `count` colours as `#rrggbb`; a longer list starts with the shorter one.

    After the first ten, each colour is the one that is farthest from all before it, for the vision
    that tells them apart worst.
    """
    if count <= len(TEN):
        return TEN[:count]
    import numpy as np

    steps = np.array(_STEPS) / 255
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    light = oklab(grid)[:, 0]
    grid = grid[(light > _LIGHTNESS[0]) & (light < _LIGHTNESS[1])]
    candidates, chosen = _seen(grid), list(TEN)
    nearest = _distances(candidates, _seen(np.stack([rgb(name) for name in TEN]))).min(axis=1)
    while len(chosen) < count:
        best = int(nearest.argmax())
        chosen.append("#" + "".join(f"{round(value * 255):02x}" for value in grid[best]))
        nearest = np.minimum(nearest, _distances(candidates, candidates[:, best, None])[:, 0])
    return tuple(chosen)


def rgb(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue in 0..1 of `#rrggbb`."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def oklab(values: np.ndarray) -> np.ndarray:
    """Return lightness, a and b (N, 3) in Oklab of sRGB colours (N, 3) in 0..1."""
    return _lab(_linear(values))


def darkened(values: np.ndarray) -> np.ndarray:
    """Return colours (N, 3) for a dark page: lightness is turned over, hue and chroma are kept.

    White becomes `DARK_PAPER`. The map is continuous, so that blends at the edges of lines and
    letters stay blends.
    """
    import numpy as np

    lab = oklab(values)
    lab[:, 0] = np.interp(lab[:, 0], _ON_PAPER, _IN_THE_DARK)
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_TO_CONES).T, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    paper = np.array(rgb(DARK_PAPER)) - np.array(rgb("#20201f"))
    # The page is bluish: neutral colours near white take its tint, others less of it.
    return np.clip(curved + paper * (1 - curved.max(axis=1, keepdims=True)), 0, 1)


def _linear(values: np.ndarray) -> np.ndarray:
    import numpy as np

    values = np.asarray(values, dtype=float)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.cbrt(linear @ np.array(_TO_CONES).T) @ np.array(_TO_LAB).T


def _seen(values: np.ndarray) -> np.ndarray:
    """Return the colours (3, N, 3) in Oklab as each kind of vision has them."""
    import numpy as np

    linear = _linear(values)
    return np.stack([_lab(np.clip(linear @ np.array(v).T, 0, 1)) for v in _VISIONS])


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distance (N, M) of colours for the vision that sees the smallest one."""
    import numpy as np

    return np.linalg.norm(one[:, :, None] - other[:, None], axis=-1).min(axis=0)
