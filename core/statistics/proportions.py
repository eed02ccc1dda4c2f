"""The interval of a share, such as accuracy."""

from __future__ import annotations

import math

from nntasks.statistics.bootstrap import CONFIDENCE, Estimate


def wilson(successes: int, total: int) -> Estimate:
    """Return successes / total with Wilson's 95 % score interval; all NaN if total is 0.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927). Unlike the bootstrap it is sound at 0 and at 1.
    """
    if not total:
        return Estimate(math.nan, math.nan, math.nan)
    from scipy.special import ndtri

    z, share = float(ndtri(0.5 + CONFIDENCE / 2)), successes / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = share * (1 - share) / total + z * z / (4 * total * total)
    half = z * math.sqrt(spread) / (1 + z * z / total)
    low = max(centre - half, 0.0) if successes else 0.0  # exactly, without rounding
    high = min(centre + half, 1.0) if successes < total else 1.0
    return Estimate(share, low, high)
