"""Hostile input for raw calls, and what must hold of every outcome."""

from __future__ import annotations

from collections.abc import Callable

import torch
from hypothesis import HealthCheck
from hypothesis import strategies as st
from property_tests import examples

NAN, INF = float("nan"), float("inf")
ODD_VALUES = (NAN, INF, -INF, 0.0, -0.0, 3e38, 1e-45)
ODD_INTS = (-1, -(2**31), -(2**63), 2**31 - 1, 2**31, 2**32 + 1, 2**62, 2**63 - 1)
REFUSALS = (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError, MemoryError)
DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.complex64)
FUZZ = examples(300, database=None, suppress_health_check=list(HealthCheck))


def odd_tensors(shape, generator):
    """Return tensors of a shape with odd types, odd memory and odd numbers."""
    plain = torch.rand(shape, generator=generator)
    tensors = [plain, *[(plain * 100).to(dtype) for dtype in (*DTYPES, torch.uint8, torch.bool)]]
    tensors += [torch.full(shape, value) for value in (NAN, INF, -INF, 3e38, -3e38, 1e-45)]
    tensors += [torch.complex(plain, plain).conj().imag]  # negated when it is read, not before
    tensors += [
        torch.rand((*shape, 2), generator=generator)[..., 0],
        plain.clone().requires_grad_(),
    ]
    tensors += [torch._efficientzerotensor(shape), torch.empty(shape, device="meta")]
    if plain.dim():
        turned = plain.transpose(0, -1).contiguous().transpose(0, -1)
        tensors += [plain[:1].expand(shape) if shape[0] else plain, turned, plain.to_sparse()]
    return tensors


@st.composite
def strided(draw, *sizes, dtypes=(torch.float32,) * 3 + DTYPES):
    """Draw a window into odd numbers, a strategy a size: any type, any strides, rows that overlap.

    The strategies must not ask for more than 800 rows of anything.
    """
    shape = tuple(draw(size) for size in sizes)
    strides = tuple(draw(st.integers(0, 7)) for _ in shape)
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    memory = torch.rand(6000, generator=generator, dtype=torch.float64) * draw(
        st.sampled_from((1.0, 300.0, 1e-30, 1e30))
    )
    for value in draw(st.lists(st.sampled_from(ODD_VALUES), max_size=6)):
        memory[draw(st.integers(0, 60)) :: draw(st.sampled_from((7, 61, 997)))] = value
    dtype = draw(st.sampled_from(dtypes))
    return memory.to(dtype).as_strided(shape, strides, draw(st.integers(0, 5)))


def outcome(function, *arguments):
    """Return what a call gives, or None where it refuses with words."""
    try:
        return function(*arguments)
    except REFUSALS as error:
        words = str(error)
    assert words.strip(), arguments
    return None


def both(name, *arguments, close: float = 0.0):
    """Call both overloads: they must both refuse, or give the same answer."""
    packet = getattr(torch.ops.nntasks, name)
    ours, reference = (outcome(call, *arguments) for call in (packet.default, packet.python))
    assert (ours is None) == (reference is None), (name, arguments)
    if ours is None:
        return
    pairs = zip(as_tuple(ours), as_tuple(reference), strict=True)
    assert all(equal(a, b, close) for a, b in pairs), (name, arguments)


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def equal(a, b, close):
    """Say whether two tensors are the same: to the bit, or, values, within `close`."""
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return False
    if close:
        return torch.allclose(a, b, rtol=0, atol=close, equal_nan=True)
    if a.dtype.is_floating_point or a.dtype.is_complex:
        return bool(((a == b) | ((a != a) & (b != b))).all())  # NaN is NaN
    return torch.equal(a, b)


class Sweep:
    """Calls one overload of every op, and counts answers and refusals.

    Args:
        overload: "default" or "python".
    """

    def __init__(self, overload: str) -> None:
        self.overload = overload
        self.answers = self.refusals = 0

    def call(self, check: Callable[..., bool], name: str, *arguments: object) -> None:
        """Call an op; an answer must pass `check(result, *arguments)`."""
        result = outcome(getattr(getattr(torch.ops.nntasks, name), self.overload), *arguments)
        if result is None:
            self.refusals += 1
            return
        self.answers += 1
        assert check(result, *arguments), (name, arguments, result)
