"""Raw calls into the compiled library with hostile input: an error or an answer, never a crash.

The calls are made in a process of its own, so that a crash is a failed test and not the end of all.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from command_line import ROOT

PROGRAM = '''
import itertools, sys, torch
from core import ops

NAN, INF = float("nan"), float("inf")
raw = torch.ops.nntasks
generator = torch.Generator().manual_seed(int(sys.argv[1]))

def shapes():
    yield from [(), (0,), (4,), (0, 4), (1, 4), (3, 4), (3, 3), (3, 5), (0, 0), (4, 3), (2, 3, 4),
                (1, 0, 4)]

def tensors(shape):
    """Yield tensors of a shape with odd types, odd memory and odd numbers."""
    plain = torch.rand(shape, generator=generator)
    yield plain
    yield plain.double()
    yield plain.half()
    yield plain.bfloat16()
    yield (plain * 100).long()
    yield (plain * 100).to(torch.uint8)
    yield plain > 0.5
    yield plain.to(torch.complex64)
    yield torch.full(shape, NAN)
    yield torch.full(shape, INF)
    yield torch.full(shape, -INF)
    yield torch.full(shape, 3e38)
    yield torch.full(shape, 1e-45)
    yield plain[:1].expand(shape) if plain.dim() and shape[0] else plain
    yield plain.flip(0) if plain.dim() else plain
    yield torch.rand((*shape, 2), generator=generator)[..., 0]
    yield plain.transpose(0, -1).contiguous().transpose(0, -1) if plain.dim() else plain
    yield plain.to_sparse() if plain.dim() else plain
    yield torch.empty(shape, device="meta")

numbers = (0.0, 0.5, 1.0, -1.0, 2.0, NAN, INF, -INF, 1e-300)
limits = (None, 0, 1, -1, 2**62, -(2**63))
answers = errors = 0

def call(function, *arguments):
    global answers, errors
    try:
        result = function(*arguments)
    except (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError) as error:
        assert str(error).strip(), arguments
        errors += 1
        return
    answers += 1
    if result.device.type == "cpu" and result.dtype == torch.int64 and result.numel():
        assert 0 <= int(result.min()) and int(result.max()) < len(arguments[0])

boxes = [t for shape in shapes() for t in tensors(shape)]
scores = [t for shape in ((0,), (1,), (3,), (4,), (3, 1), ()) for t in tensors(shape)]
groups = [torch.tensor(x) for x in ([0, 1, 0], [2**63 - 1, -(2**63), 0], [0], [], [0.5, 1, 2])]
for b, s in itertools.product(boxes, scores):
    call(raw.nms, b, s, 0.5)
    call(raw.batched_nms, b, s, groups[answers % len(groups)], 0.5)
for t, limit in itertools.product(numbers, limits):
    call(raw.nms, torch.rand(3, 4), torch.rand(3), t, limit)
    call(raw.batched_nms, torch.rand(3, 4), torch.rand(3), groups[0], t, limit)
for a, b in itertools.product(boxes[::3], boxes[::2]):
    for kind in (0, 1, 2, 3, -1, 4, 2**31, -(2**63)):
        call(raw.box_iou, a, b, kind)
print(answers, errors)
'''


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("seed", [0, 1])
def test_hostile_calls(seed):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(seed)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NNTASKS_OPS": "native"},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answers, errors = map(int, done.stdout.split())
    assert answers > 500
    assert errors > 5000
