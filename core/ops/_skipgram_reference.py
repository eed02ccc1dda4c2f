"""The reference of `skipgram` in PyTorch: what it computes, without checks (see skipgram.py).

The centres of a block are laid out as tensors: B centres, C places in a window, 1 + k outputs (the
centre and its negatives). One batched product gives all scores, two more the gradients, and
`index_add_` adds those to the vectors. An output that was drawn twice, or a context word that
occurs twice in a window, is one row with a weight of 2, so that clipping sees the gradient of a
vector as a whole. Sources: Mikolov et al. 2013 (arXiv 1310.4546), Ji et al. 2016 (arXiv
1604.04661).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from nntasks.ops._skipgram_parts import Parts
from nntasks.ops._skipgram_settings import SkipgramSettings
from nntasks.ops.alias import draw_reference
from nntasks.ops.philox import words

_WINDOWS = 1  # the stream of Philox for subsampling and windows; stream 0 has the negatives
_LOCK_FREE_BLOCK = 64  # centres a step where the reference serves without blocks


class Corpus(NamedTuple):
    """A piece of an encoded text, and what is drawn from it; see `skipgram`."""

    tokens: Tensor
    sentences: Tensor
    keep: Tensor
    noise: Tensor  # the table of an AliasTable
    part_starts: Tensor  # (V + 1,) where the rows of each word begin in `part_rows`; (0,) for none
    part_rows: Tensor


@dataclass(frozen=True)
class _Occurrences:
    """The K tokens that are kept, and what is drawn for them.

    Attributes:
        word: (K,) which word.
        place: (K,) place in the tokens.
        reach: (K,) of its window.
        first, end: (K,) the kept occurrences of its sentence, as indices into these.
        negatives: (K, k) words.
    """

    word: Tensor
    place: Tensor
    reach: Tensor
    first: Tensor
    end: Tensor
    negatives: Tensor


def _kept(corpus: Corpus, settings: SkipgramSettings) -> _Occurrences:
    tokens, device = corpus.tokens, corpus.tokens.device
    count, each = tokens.shape[0], int(settings.negatives)
    seed, offset = int(settings.seed), int(settings.offset)
    drawn = words(torch.arange(offset, offset + count, device=device), seed, _WINDOWS)
    kept = drawn[0] < corpus.keep[tokens.long()]
    place = kept.nonzero().squeeze(1)
    before = F.pad(kept.cumsum(0), (1, 0))  # kept ones before each place
    begins = before[corpus.sentences]
    of = torch.searchsorted(corpus.sentences, place, right=True)
    number = torch.arange(len(place), device=device)
    leader = place[number // int(settings.together) * int(settings.together)]
    negatives = draw_reference(corpus.noise, count * each, seed, offset * each)
    return _Occurrences(
        word=tokens.long()[place],
        place=place,
        reach=1 + (drawn[1][place] * int(settings.window) >> 32),
        first=begins[of - 1],
        end=begins[of],
        negatives=negatives.view(count, each)[leader],
    )


class _Pairs(NamedTuple):
    """The pairs of B centres: C context rows and T output rows each, a weight of 0 for none."""

    context: Tensor  # (B, C) words
    weight: Tensor  # (B, C) float32, how often the word stands in the window
    sizes: Tensor  # (B,) float32, contexts
    target: Tensor  # (B, T) words, the centre first
    target_weight: Tensor  # (B, T) float32, how often the word was drawn


class _Gradients(NamedTuple):
    """Downhill steps for the rows of `_Pairs`, at a learning rate of 1, and the loss before."""

    of_context: Tensor  # (B, C, D)
    of_target: Tensor  # (B, T, D)
    loss: Tensor  # () float64


@torch.no_grad()
def train(inputs: Tensor, outputs: Tensor, corpus: Corpus, settings: SkipgramSettings) -> Tensor:
    """Train in place; return what was counted, (5,) float64."""
    kept = _kept(corpus, settings)
    first, last = (float(rate) for rate in settings.lr)
    slope = (last - first) / max(corpus.tokens.shape[0], 1)
    total = torch.zeros(5, dtype=torch.float64)
    parts = Parts(corpus.part_starts, corpus.part_rows)
    step = int(settings.block) or _LOCK_FREE_BLOCK
    for start in range(0, len(kept.word), step):
        end = min(start + step, len(kept.word))
        centres = torch.arange(start, end, device=corpus.tokens.device)
        lr = (first + slope * kept.place[centres].double()).float()
        pairs = _pairs(kept, centres, int(settings.window))
        gradients = _gradients(inputs, outputs, pairs, settings.kind, parts)
        total += _step((inputs, outputs), pairs, gradients, lr, settings, parts)
    return total


def _pairs(kept: _Occurrences, centres: Tensor, window: int) -> _Pairs:
    at, weight = _contexts(kept, centres, window)
    context, sizes = kept.word[at], weight.sum(1)
    target = torch.cat([kept.word[centres, None], kept.negatives[centres]], dim=1)
    drawn = F.pad(target[:, 1:] != target[:, :1], (1, 0), value=True).float()
    drawn = _merged(target, drawn) * (sizes > 0)[:, None]
    return _Pairs(context, _merged(context, weight), sizes, target, drawn)


def _gradients(
    inputs: Tensor, outputs: Tensor, pairs: _Pairs, kind: str, parts: Parts
) -> _Gradients:
    x, y = parts.vectors(inputs, pairs.context), outputs[pairs.target]
    weight = pairs.weight
    rows = weight * parts.counts(pairs.context)  # a mean of contexts is one of all their rows
    size = rows.sum(1).clamp(min=1)
    if kind == "skipgram":
        source, source_weight = x, weight
    else:
        mean = (rows[..., None] * x).sum(1) / size[:, None]
        source, source_weight = mean[:, None], torch.ones_like(weight[:, :1])
    score = source @ y.mT  # (B, C or 1, T)
    both = source_weight[..., None] * pairs.target_weight[:, None]
    positive = F.pad(torch.zeros_like(pairs.target_weight[:, 1:]), (1, 0), value=1.0)[:, None]
    loss = (both.double() * F.softplus((1 - 2 * positive) * score).double()).sum()
    downhill = both * (positive - score.sigmoid())
    of_context, of_target = downhill @ y, downhill.mT @ source
    if kind != "skipgram":
        share = 1.0 if kind == "cbow" else 1 / size[:, None, None]
        of_context = of_context * weight[..., None] * share
    return _Gradients(of_context, of_target, loss)


def _step(
    vectors: tuple[Tensor, Tensor],
    pairs: _Pairs,
    gradients: _Gradients,
    lr: Tensor,
    settings: SkipgramSettings,
    parts: Parts,
) -> Tensor:
    """Add the gradients to the vectors; return what was counted."""
    used = pairs.weight > 0, (pairs.target_weight > 0) & (pairs.sizes > 0)[:, None]
    value, norm = float(settings.clip_value), float(settings.clip_norm)
    clipped = 0
    for matrix, word, rows, gradient in (
        (vectors[0], pairs.context, used[0], gradients.of_context),
        (vectors[1], pairs.target, used[1], gradients.of_target),
    ):
        step, changed = _clipped(gradient[rows], value, norm)
        clipped += changed
        rates = lr[:, None].expand(rows.shape)[rows]
        to, step = word[rows], rates[:, None] * step
        if matrix is vectors[0]:
            to, step = parts.spread(to, step)
        matrix.index_add_(0, to, step)
    centres = int((pairs.sizes > 0).sum())
    count = int(pairs.sizes.sum()) if settings.kind == "skipgram" else centres
    touched = int(used[0].sum()) + int(used[1].sum())
    values = [float(gradients.loss), count, centres, touched, clipped]
    return torch.tensor(values, dtype=torch.float64)


def _contexts(kept: _Occurrences, centres: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Return the places of the contexts (B, 2 window) and 1.0 where there is one, else 0.0."""
    steps = torch.arange(-window, window + 1, device=centres.device)
    steps = steps[steps != 0]
    at = centres[:, None] + steps
    valid = (steps.abs() <= kept.reach[centres, None]) & (at >= kept.first[centres, None])
    valid &= at < kept.end[centres, None]
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
