"""Weights held against the network that they are for: names, shapes, dtypes, finite numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from nntasks.errors import UsageError

Say = Callable[[str], None]

_COUNTER = "num_batches_tracked"  # of batch norm; published weights often leave it out


def fitted(
    own: Mapping[str, Tensor],
    found: Mapping[str, Any],
    source: str,
    misfit: str = "belongs to another architecture",
    say: Say | None = None,
) -> dict[str, Tensor]:
    """Return weights as the state of a network.

    Batch norm's counters may be absent; those of the network stay.

    Args:
        own: the state of the network as it was built.
        found: arrays by name.
        source: whose weights they are, for messages.
        misfit: what is said of `source` where names or shapes differ.
        say: takes a line where floats of another width are converted; None to refuse them.

    Raises:
        UsageError: names, shapes or dtypes are not the network's, or numbers are not finite.
    """
    difference = describe_difference(own, found)
    if difference:
        raise UsageError(f"{source} {misfit}: {difference}")
    complete: dict[str, Tensor] = {}
    converted: Counter[tuple[str, str]] = Counter()
    for name, expected in own.items():
        value = torch.as_tensor(found[name]) if name in found else expected
        if value.dtype != expected.dtype:
            kinds = _word(value.dtype), _word(expected.dtype)
            if say is None or not (value.is_floating_point() and expected.is_floating_point()):
                raise UsageError(
                    f"{source}: expected {name} in {kinds[1]}, got {kinds[0]}; convert the weights"
                )
            converted[kinds] += 1
        _check_finite(source, name, value, expected)
        complete[name] = value.to(expected.dtype)
    for (got, wanted), count in converted.items():
        assert say is not None
        say(f"{source}: {count} arrays of {got} are converted to {wanted}")
    return complete


def describe_difference(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Say in one phrase how two states differ in names or shapes; empty if they do not."""
    for name, tensor in expected.items():
        if name not in found:
            if name.endswith(_COUNTER):
                continue
            return f"expected {name} {tuple(tensor.shape)}, which is absent"
        if tuple(found[name].shape) != tuple(tensor.shape):
            return f"expected {name} {tuple(tensor.shape)}, got {tuple(found[name].shape)}"
    extra = [name for name in found if name not in expected]
    return f"got {extra[0]}, which this model does not have" if extra else ""


def _check_finite(source: str, name: str, value: Tensor, expected: Tensor) -> None:
    """Refuse numbers that are not finite, except in buffers that hold such by design (masks)."""
    if not value.is_floating_point() or value.isfinite().all() or not expected.isfinite().all():
        return
    count = int(value.numel() - value.isfinite().sum())
    raise UsageError(
        f"{source}: {count} of {value.numel()} numbers of {name} are NaN or infinite; the training "
        "that wrote them diverged, or the file is damaged"
    )


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
