"""Find the words whose vectors first hold a value that is not finite.

A step trains on many words and updates vectors in place, so it ends with few finite vectors.
The training is repeated from the last checkpoint, and the last step in ever smaller stretches.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nntasks.training.black_box import Cause

_STRETCHES = (4096, 128)  # words between looks at the vectors
_NAMED = 5  # words in the answer

Train = Callable[[int, int], object]


def first_nonfinite(
    inputs: Tensor, outputs: Tensor, words: list[str], train: Train, start: int, end: int
) -> Cause | None:
    """Train on a stretch of the text and return the vectors that are not finite first.

    Args:
        inputs, outputs: vectors (R, D) and (V, D) as before the stretch; updated in place.
        words: what the R rows are of, the V words first.
        train: trains on the words from a first to a last of the text.
        start, end: the stretch.
    """
    found = None
    for length in _STRETCHES:
        for first in range(start, end, length):
            last = min(first + length, end)
            before = inputs.clone(), outputs.clone()
            train(first, last)
            if not (_finite(inputs) and _finite(outputs)):
                break
        else:  # shorter stretches stayed finite
            return found or _overflow(inputs, outputs, words)
        start, end = first, last
        found = _cause(inputs, outputs, words, start, end, largest=_largest(*before))
        inputs.copy_(before[0])
        outputs.copy_(before[1])
    return found


def _cause(
    inputs: Tensor, outputs: Tensor, words: list[str], start: int, end: int, *, largest: float
) -> Cause:
    for kind, vectors in (("input", inputs), ("output", outputs)):
        rows = (~torch.isfinite(vectors).all(dim=1)).nonzero()[:, 0].tolist()
        if rows:
            named = ", ".join(repr(words[row]) for row in rows[:_NAMED])
            more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
            detail = (
                f"{len(rows)} of {len(vectors)} {kind} vectors, between words {start:,} and "
                f"{end:,} of the text, largest value before {largest:.4g}"
            )
            return Cause(f"{named}{more}", f"the {kind} vectors", "skipgram", detail)
    raise AssertionError("expected a vector that is not finite")


def _overflow(inputs: Tensor, outputs: Tensor, words: list[str]) -> Cause | None:
    """Return the largest vector if dot products with it can exceed float32, though it is finite."""
    kind, vectors = max((("input", inputs), ("output", outputs)), key=lambda one: _largest(one[1]))
    largest = _largest(vectors)
    if largest**2 * vectors.shape[1] < torch.finfo(torch.float32).max:
        return None
    row = int(vectors.abs().amax(dim=1).argmax())
    detail = f"its {kind} vector has values up to {largest:.4g}, whose products exceed float32"
    return Cause(repr(words[row]), "a dot product", "skipgram", detail)


def _finite(vectors: Tensor) -> bool:
    return bool(torch.isfinite(vectors).all())


def _largest(*tensors: Tensor) -> float:
    return max(float(tensor.abs().max()) for tensor in tensors)
