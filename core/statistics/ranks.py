"""Ranks of values, for measures that look at their order alone."""

from __future__ import annotations

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks along the last axis, from 1; equal values get their mean rank.

    Args:
        values: (..., N) floats without NaN.
    """
    values = np.asarray(values, dtype=np.float64)
    flat = values.reshape(-1, values.shape[-1])
    order = np.argsort(flat, axis=1, kind="stable")
    ordered = np.take_along_axis(flat, order, axis=1)
    places = np.arange(flat.shape[1])
    new = np.ones(flat.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    ends = np.ones(flat.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    last = np.where(ends, places, flat.shape[1])[:, ::-1]
    last = np.minimum.accumulate(last, axis=1)[:, ::-1]
    result = np.empty_like(flat)
    np.put_along_axis(result, order, (first + last) / 2 + 1, axis=1)
    return result.reshape(values.shape)
