"""Raw calls with hostile input, in a process of its own: `python hostile_calls.py OVERLOAD SEED`.

Every call must raise an error with words in it, or give an answer; where the input is right both
implementations must give the same one. Prints how many calls ended either way.
"""

from __future__ import annotations

import random
import sys

import torch
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from core import ops

NAN, INF = float("nan"), float("inf")
SHAPES = (
    (),
    (0,),
    (4,),
    (0, 4),
    (1, 4),
    (3, 4),
    (3, 3),
    (3, 5),
    (0, 0),
    (4, 3),
    (2, 3, 4),
    (1, 0, 4),
)
REFUSALS = (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError)
DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.complex64)


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


def outcome(function, *arguments):
    """Return what a call gives, or None where it refuses with words."""
    try:
        return function(*arguments)
    except REFUSALS as error:
        words = str(error)
    assert words.strip(), arguments
    return None


class Sweep:
    """Counts answers and refusals of one overload, and looks at every answer."""

    def __init__(self, overload):
        self.overload = overload
        self.answers = self.refusals = 0

    def call(self, name, *arguments):
        result = outcome(getattr(getattr(torch.ops.nntasks, name), self.overload), *arguments)
        if result is None:
            self.refusals += 1
            return
        self.answers += 1
        boxes = arguments[0]
        assert boxes.dim() == 2, name
        assert boxes.shape[1] == 4, name
        assert boxes.is_floating_point(), name
        assert result.device == boxes.device == arguments[1].device
        if name == "box_iou":
            assert result.shape == (len(boxes), len(arguments[1]))
        elif result.device.type == "cpu" and result.numel():
            assert arguments[1].shape == (len(boxes),)
            assert int(result.min()) >= 0
            assert int(result.max()) < len(boxes)
            assert len(result.unique()) == len(result)


def sweep(overload, start):
    """Combine odd tensors and odd numbers; return the counts."""
    generator, chosen = torch.Generator().manual_seed(start), random.Random(start)
    boxes = [t for shape in SHAPES for t in odd_tensors(shape, generator)]
    right = odd_tensors((3, 4), generator) + odd_tensors((0, 4), generator)
    scores = [t for shape in ((0,), (3,), (4,), (3, 1), ()) for t in odd_tensors(shape, generator)]
    groups = [torch.tensor(x) for x in ([0, 1, 0], [2**63 - 1, -(2**63), 0], [0], [], [0.5, 1, 2])]
    done = Sweep(overload)
    for b in boxes + right * 5:
        for s in chosen.sample(scores, 12):
            done.call("nms", b, s, 0.5)
            done.call("batched_nms", b, s, chosen.choice(groups), 0.5)
        for other in chosen.sample(boxes, 4) + chosen.sample(right, 4):
            done.call("box_iou", b, other, chosen.choice((0, 1, 2, 3, 3, -1, 4, 2**31, -(2**63))))
    three, marks = torch.rand(3, 4), torch.rand(3)
    for threshold in (0.0, 0.5, 1.0, -1.0, 2.0, NAN, INF, -INF, 1e-300):
        for limit in (None, 0, 1, -1, 2**62, -(2**63)):
            done.call("nms", three, marks, threshold, limit)
            done.call("batched_nms", three, marks, groups[0], threshold, limit)
    return done.answers, done.refusals


@st.composite
def strided(draw, wide):
    """Draw a window into odd numbers: any type, any strides, rows that overlap."""
    rows = draw(st.sampled_from((0, 1, 2, 3, 3, 3, 40, 700)))
    shape = (rows, draw(st.sampled_from((4, 4, 4, 4, 4, 3, 5)))) if wide else (rows,)
    strides = tuple(draw(st.integers(0, 7)) for _ in shape)
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    memory = torch.rand(6000, generator=generator, dtype=torch.float64) * draw(
        st.sampled_from((1.0, 300.0, 1e-30, 1e30))
    )
    odd = draw(st.lists(st.sampled_from((NAN, INF, -INF, 0.0, -0.0, 3e38, 1e-45)), max_size=6))
    for value in odd:
        memory[draw(st.integers(0, 60)) :: draw(st.sampled_from((7, 61, 997)))] = value
    dtype = draw(st.sampled_from((torch.float32,) * 3 + DTYPES))
    return memory.to(dtype).as_strided(shape, strides, draw(st.integers(0, 5)))


def both(name, *arguments):
    """Call both overloads: they must both refuse, or give the same answer."""
    packet = getattr(torch.ops.nntasks, name)
    ours, reference = (outcome(call, *arguments) for call in (packet.default, packet.python))
    assert (ours is None) == (reference is None), (name, arguments)
    if ours is None:
        return
    assert ours.dtype == reference.dtype
    assert ours.shape == reference.shape
    if name == "box_iou" and arguments[2] == 3:  # the arctangent is another program's
        assert torch.allclose(ours, reference, rtol=0, atol=1e-6, equal_nan=True), arguments
    else:
        assert torch.equal(ours.nan_to_num(7.0), reference.nan_to_num(7.0)), (name, arguments)


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(strided(True), strided(True), strided(False), st.sampled_from((0.0, 0.3, 0.5, 1.0, NAN)))
def agree(a, b, scores, threshold):
    """Hold both implementations against each other on memory laid out at will."""
    groups = torch.arange(len(scores)) % 3
    if scores.shape[0] != a.shape[0] and len(scores) >= 3:
        a = a[torch.arange(len(scores)) % len(a)] if len(a) else a
    both("nms", a, scores, threshold)
    both("batched_nms", a, scores, groups, threshold)
    for kind in range(4):
        both("box_iou", a[:50], b[:50], kind)


if __name__ == "__main__":
    torch.set_num_threads(1)
    overload, start = sys.argv[1], int(sys.argv[2])
    if overload == "default" and ops.native_available():
        seed(start)(agree)()
    print(*sweep(overload, start))
