"""Check that weights fit a network: names, shapes, dtypes, finite values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from nntasks.errors import UsageError

Say = Callable[[str], None]

_COUNTER = "num_batches_tracked"  # a counter of batch norm that published weights often lack


def fitted(
    own: Mapping[str, Tensor],
    found: Mapping[str, Any],
    source: str,
    misfit: str = "belongs to another architecture",
    say: Say | None = None,
) -> dict[str, Tensor]:
    """Return weights as the state of a network.

    The counters of batch norm may be missing; the network then keeps its own.

    Args:
        own: the initial state of the network.
        found: arrays by name.
        source: the origin of the weights, for messages.
        misfit: the message if names or shapes differ, after `source`.
        say: receives a line if floats are converted from another width; None to refuse them.

    Raises:
        UsageError: names, shapes or dtypes do not match, or values are not finite.
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
    """Describe the first difference in names or shapes of two states; empty if there is none."""
    for name, tensor in expected.items():
        if name not in found:
            if name.endswith(_COUNTER):
                continue
            return f"expected {name} {tuple(tensor.shape)}, which is missing"
        if tuple(found[name].shape) != tuple(tensor.shape):
            return f"expected {name} {tuple(tensor.shape)}, got {tuple(found[name].shape)}"
    extra = [name for name in found if name not in expected]
    return f"got {extra[0]}, which this model does not have" if extra else ""


def _check_finite(source: str, name: str, value: Tensor, expected: Tensor) -> None:
    """Check that values are finite, except in buffers that are not finite by design (masks)."""
    if not value.is_floating_point() or value.isfinite().all() or not expected.isfinite().all():
        return
    count = int(value.numel() - value.isfinite().sum())
    raise UsageError(
        f"{source}: {count} of {value.numel()} numbers of {name} are NaN or infinite; the training "
        "that wrote them diverged, or the file is damaged"
    )


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
