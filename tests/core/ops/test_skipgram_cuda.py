"""`skipgram` on CUDA, or on the emulated device: what only its kernels can get wrong."""

from __future__ import annotations

import os

import pytest
import torch

from nntasks import ops
from nntasks.ops import AliasTable, skipgram

EMULATED = "emulated" in os.environ.get("NNTASKS_LIBRARY", "")


@pytest.fixture
def kernel():
    """Return the device on which the CUDA kernels run."""
    if not EMULATED and not ops.has_kernel("skipgram", "cuda"):
        pytest.skip("no CUDA kernels: make emulate")
    if not EMULATED and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    with ops.use("native"):
        yield "cpu" if EMULATED else "cuda"


def train(device, mode="native", words=200, count=600, columns=32, **options):
    """Return vectors after training on skewed random words, and the counts."""
    generator = torch.Generator().manual_seed(3)
    tokens = (torch.rand(count, generator=generator) ** 2 * words).int()
    both = torch.rand(2, words, columns, generator=generator) / columns
    inputs, outputs = (v.to(device) for v in both)
    noise = AliasTable(torch.arange(1, words + 1, device=device).double())
    sentences = torch.tensor([0, count // 3, count], device=device)
    options = {"window": 3, "negatives": 3, "lr": (0.1, 0.1)} | options
    with ops.use(mode):
        counts = skipgram(inputs, outputs, tokens.to(device), sentences, noise=noise, **options)
    return inputs.cpu(), outputs.cpu(), counts


def assert_equal_within_rounding(ours, theirs):
    for one, other in zip(ours[:2], theirs[:2], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    assert ours[2][1:4] == theirs[2][1:4]


@pytest.mark.parametrize("kind", ["skipgram", "cbow", "cbow_exact"])
@pytest.mark.parametrize(
    "keys",
    [
        {"columns": 272},  # three rounds of 128 columns, the last with 16
        {"columns": 144, "negatives": 17},  # three groups of eight outputs
        {"window": 40, "negatives": 40, "count": 150},  # more contexts and negatives than lanes
        {"columns": 272, "negatives": 9, "clip_value": 0.003, "clip_norm": 0.01},
    ],
)
def test_long_vectors_and_many_of_them(kernel, kind, keys):
    options = {"kind": kind, "block": 50, **keys}
    assert_equal_within_rounding(train(kernel, **options), train("cpu", "python", **options))


@pytest.mark.parametrize("negatives", [3, 12])
def test_one_warp_without_blocks_takes_one_centre_at_a_time(kernel, negatives):
    """With fewer than 32 words one warp trains, so nothing races."""
    options = {"words": 30, "negatives": negatives, "columns": 144}
    at_once, blocks = train(kernel, **options), train("cpu", "python", block=1, **options)
    for one, other in zip(at_once[:2], blocks[:2], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert at_once[2][1:4] == blocks[2][1:4]


def test_racing_warps_learn_as_well_as_blocks(kernel):
    """240 words leave fifteen warps; the mean loss after a pass is that of one centre at a time."""
    options = {"words": 240, "count": 3000, "lr": (0.05, 0.05)}
    losses = [
        float(counts.loss / counts.pairs)
        for *_, counts in (train(kernel, block=0, **options), train(kernel, block=1, **options))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)


@pytest.mark.parametrize("kind", ["skipgram", "cbow"])
def test_blocks_give_the_same_bits_from_run_to_run(kernel, kind):
    runs = [train(kernel, kind=kind, block=64) for _ in range(2)]
    assert all(torch.equal(one, other) for one, other in zip(runs[0][:2], runs[1][:2], strict=True))
    assert runs[0][2] == runs[1][2]


def test_unaligned_vectors_are_refused(kernel):
    flat = torch.zeros(20 * 16 + 1, device=kernel)[1:]
    arguments = flat.view(20, 16), torch.zeros(20, 16, device=kernel)
    tokens = torch.zeros(3, dtype=torch.int32, device=kernel)
    noise = AliasTable(torch.ones(20, device=kernel).double())
    with pytest.raises(RuntimeError, match="multiple of 16 bytes"):
        skipgram(*arguments, tokens, torch.tensor([0, 3], device=kernel), noise=noise)
