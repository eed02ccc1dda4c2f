"""Initialisation of weights."""

from __future__ import annotations

import math

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import Array

NORMAL = 0.01  # standard deviation of init=normal


def initial(
    kind: str,
    shape: tuple[int, ...],
    inputs: int,
    outputs: int,
    rng: np.random.Generator,
    dtype: np.dtype,
) -> Array:
    """Draw a weight array.

    Args:
        kind: "zeros"; "normal" with deviation 0.01; "xavier" with variance 2 / (inputs + outputs)
            (Glorot and Bengio, 2010); "he" with variance 2 / inputs (He et al., 2015).
        shape: of the weight.
        inputs, outputs: fan-in and fan-out.
        rng: the source of randomness.
        dtype: of the result.
    """
    deviation = {
        "zeros": 0.0,
        "normal": NORMAL,
        "xavier": math.sqrt(2 / (inputs + outputs)),
        "he": math.sqrt(2 / inputs),
    }[kind]
    return (deviation * rng.standard_normal(shape)).astype(dtype)
