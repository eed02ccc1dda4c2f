"""The pixels near the edge of a mask, for boundary IoU.

B. Cheng, R. Girshick, P. Dollár, A. C. Berg, A. Kirillov, "Boundary IoU: improving object-centric
image segmentation evaluation", CVPR 2021.
"""

from __future__ import annotations

import math

import numpy as np

SHARE = 0.02  # distance to the edge, as a share of the picture's diagonal


def near_edge(mask: np.ndarray) -> np.ndarray:
    """Return the object's pixels (H, W) bool within a distance of its edge, at least 1 pixel.

    As in the authors' code, these are the pixels that erosion removes, with a square of 3 x 3 and
    one iteration per pixel of distance. The picture's border counts as an edge.
    """
    from scipy import ndimage

    distance = max(round(SHARE * math.hypot(*mask.shape)), 1)
    inner = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=distance, border_value=0)
    return mask & ~inner
