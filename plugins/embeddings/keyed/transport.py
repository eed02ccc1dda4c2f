"""The cheapest way to move one distribution onto another, exactly, as a linear program."""

from __future__ import annotations

import numpy as np


def cost(supply: np.ndarray, demand: np.ndarray, lengths: np.ndarray) -> float:
    """Return the least total length of moving `supply` onto `demand`: the Earth Mover's Distance.

    Args:
        supply: (n,) weights, of the sum 1.
        demand: (m,) weights, of the sum 1.
        lengths: (n, m) what a unit of weight costs on each way, >= 0.
    """
    from scipy.optimize import linprog
    from scipy.sparse import eye, kron, vstack

    n, m = lengths.shape
    leaving = kron(eye(n), np.ones((1, m)))  # sums over the ways from each supply
    arriving = kron(np.ones((1, n)), eye(m))
    # One constraint follows from the others; rounding could make all of them contradict.
    constraints = vstack([leaving, arriving]).tocsr()[:-1]
    weights = np.concatenate([supply, demand])[:-1]
    found = linprog(lengths.ravel(), A_eq=constraints, b_eq=weights, method="highs")
    return max(float(found.fun), 0.0)
