"""The reference of `skipgram` in PyTorch: what it computes, without checks (see skipgram.py)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nntasks.ops.alias import draw_reference
from nntasks.ops.philox import words

_WINDOWS = 1  # the stream of Philox for subsampling and windows; stream 0 has the negatives
_LOCK_FREE_BLOCK = 64  # centres a step where the reference serves without blocks


@dataclass(frozen=True)
class _Plan:
    """What is kept of the tokens, and what is drawn for it; K occurrences.

    Attributes:
        word: (K,) which word.
        place: (K,) place in the tokens.
        reach: (K,) of its window.
        first, end: (K,) the kept occurrences of its sentence, as indices into these.
        noise: (K, k) negatives.
    """

    word: Tensor
    place: Tensor
    reach: Tensor
    first: Tensor
    end: Tensor
    noise: Tensor


def _plan(
    tokens: Tensor,
    sentences: Tensor,
    keep: Tensor,
    table: Tensor,
    window: int,
    negatives: int,
    seed: int,
    offset: int,
    together: int,
) -> _Plan:
    count, device = tokens.shape[0], tokens.device
    drawn = words(torch.arange(offset, offset + count, device=device), seed, _WINDOWS)
    kept = drawn[0] < keep[tokens.long()]
    place = kept.nonzero().squeeze(1)
    before = F.pad(kept.cumsum(0), (1, 0))  # kept ones before each place
    begins = before[sentences]
    of = torch.searchsorted(sentences, place, right=True)
    number = torch.arange(len(place), device=device)
    leader = place[number // together * together]
    noise = draw_reference(table, count * negatives, seed, offset * negatives)
    return _Plan(
        word=tokens.long()[place],
        place=place,
        reach=1 + (drawn[1][place] * window >> 32),
        first=begins[of - 1],
        end=begins[of],
        noise=noise.view(count, negatives)[leader],
    )


@torch.no_grad()
def train(
    inputs: Tensor,
    outputs: Tensor,
    tokens: Tensor,
    sentences: Tensor,
    keep: Tensor,
    table: Tensor,
    window: int,
    negatives: int,
    seed: int,
    offset: int,
    lr_from: float,
    lr_to: float,
    kind: int,
    block: int,
    clip_value: float,
    clip_norm: float,
    together: int,
) -> Tensor:
    """Train in place; return what was counted, (5,) float64. Arguments as of the op."""
    plan = _plan(tokens, sentences, keep, table, window, negatives, seed, offset, together)
    slope = (lr_to - lr_from) / max(tokens.shape[0], 1)
    total = torch.zeros(5, dtype=torch.float64)
    step = block or _LOCK_FREE_BLOCK
    for start in range(0, len(plan.word), step):
        centres = torch.arange(start, min(start + step, len(plan.word)), device=tokens.device)
        lr = (lr_from + slope * plan.place[centres].double()).float()
        total += _step(inputs, outputs, plan, centres, window, lr, kind, clip_value, clip_norm)
    return total


def _step(
    inputs: Tensor,
    outputs: Tensor,
    plan: _Plan,
    centres: Tensor,
    window: int,
    lr: Tensor,
    kind: int,
    clip_value: float,
    clip_norm: float,
) -> Tensor:
    """Take one step on the pairs of some centres, B of them, C places in a window."""
    at, weight = _contexts(plan, centres, window)
    context = plan.word[at]  # (B, C)
    sizes = weight.sum(1)
    weight = _merged(context, weight)
    target = torch.cat([plan.word[centres, None], plan.noise[centres]], dim=1)  # (B, 1 + k)
    target_weight = (F.pad(target[:, 1:] != target[:, :1], (1, 0), value=True)).float()
    target_weight = _merged(target, target_weight) * (sizes > 0)[:, None]

    x, y = inputs[context], outputs[target]
    if kind == 0:
        source, source_weight = x, weight
    else:
        mean = (weight[..., None] * x).sum(1) / sizes.clamp(min=1)[:, None]
        source, source_weight = mean[:, None], torch.ones_like(weight[:, :1])
    score = source @ y.mT  # (B, C or 1, 1 + k)
    both = source_weight[..., None] * target_weight[:, None]
    positive = F.pad(torch.zeros_like(target_weight[:, 1:]), (1, 0), value=1.0)[:, None]
    loss = (both.double() * F.softplus((1 - 2 * positive) * score).double()).sum()
    pull = both * (positive - score.sigmoid())

    to_inputs, to_outputs = pull @ y, pull.mT @ source
    if kind:
        share = 1.0 if kind == 1 else 1 / sizes.clamp(min=1)[:, None, None]
        to_inputs = to_inputs * weight[..., None] * share
    used = weight > 0, (target_weight > 0) & (sizes > 0)[:, None]
    clipped = 0
    for vectors, which, rows, to in (
        (inputs, context, used[0], to_inputs),
        (outputs, target, used[1], to_outputs),
    ):
        rows_to, changed = _clipped(to[rows], clip_value, clip_norm)
        clipped += changed
        rates = lr[:, None].expand(rows.shape)[rows]
        vectors.index_add_(0, which[rows], rates[:, None] * rows_to)
    counted = int((sizes > 0).sum())
    pairs = int(sizes.sum()) if kind == 0 else counted
    gradients = int(used[0].sum()) + int(used[1].sum())
    return torch.tensor([float(loss), pairs, counted, gradients, clipped], dtype=torch.float64)


def _contexts(plan: _Plan, centres: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Return the places of the contexts (B, 2 window) and 1.0 where there is one, else 0.0."""
    steps = torch.arange(-window, window + 1, device=centres.device)
    steps = steps[steps != 0]
    at = centres[:, None] + steps
    valid = (steps.abs() <= plan.reach[centres, None]) & (at >= plan.first[centres, None])
    valid &= at < plan.end[centres, None]
    return torch.where(valid, at, centres[:, None]), valid.float()


def _merged(word: Tensor, weight: Tensor) -> Tensor:
    """Move the weights of equal words of a row to the first of them that has one."""
    same = (word[:, :, None] == word[:, None, :]) & (weight[:, :, None] > 0)
    same &= weight[:, None, :] > 0
    order = torch.arange(word.shape[1], device=word.device)
    first = torch.where(same, order, word.shape[1]).amin(2) == order
    return torch.where(first, (same * weight[:, None, :]).sum(2), 0.0)


def _clipped(rows: Tensor, value: float, norm: float) -> tuple[Tensor, int]:
    """Return gradients (N, D) within the limits, and how many were changed."""
    limited = rows.clamp(-value, value) if value else rows
    if norm:
        norms = limited.norm(dim=1, keepdim=True)
        limited = limited * torch.where(norms > norm, norm / norms, 1.0)
    return limited, int((limited != rows).any(1).sum()) if value or norm else 0
