"""Word vectors by negative sampling: one pass over a piece of an encoded corpus.

Skip-gram and CBOW of Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed Representations of
Words and Phrases and their Compositionality", 2013, arXiv 1310.4546. All contexts of a centre
share its negatives, so that the work becomes small matrix products: Ji, Satish, Li and Dubey,
"Parallelizing Word2Vec in Shared and Distributed Memory", 2016, arXiv 1604.04661.

The input vector of a word may be the mean of several rows: Bojanowski, Grave, Joulin and Mikolov,
"Enriching Word Vectors with Subword Information", 2017, arXiv 1607.04606.

Every random draw is a function of the seed and a word's position in the corpus alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64, check_tensor
from nntasks.ops._library import define, op
from nntasks.ops._skipgram_parts import check_parts_tensors, check_parts_values
from nntasks.ops._skipgram_reference import Corpus, train
from nntasks.ops._skipgram_settings import KINDS, LIMITS, SkipgramCounts, SkipgramSettings
from nntasks.ops.alias import MOST_WEIGHTS, AliasTable

__all__ = ["ALWAYS", "COLUMNS", "KINDS", "SkipgramCounts", "SkipgramSettings", "skipgram"]

COLUMNS = LIMITS["columns"][0]  # the vector width is a multiple of this
ALWAYS = 2**32  # a threshold that keeps every occurrence


def skipgram(
    inputs: Tensor,
    outputs: Tensor,
    tokens: Tensor,
    sentences: Tensor,
    settings: SkipgramSettings | None = None,
    *,
    noise: AliasTable,
    keep: Tensor | None = None,
    **changes: Any,
) -> SkipgramCounts:
    """Train word vectors in place on a piece of a corpus; return its counts.

    Each word that subsampling (`keep`) keeps is a centre. Its window size is drawn from 1 to
    `window`; its contexts are the kept words of its sentence within the window. A pair of vectors x
    (context, from `inputs`) and y (centre, from `outputs`) has the loss -log sigmoid(x.y), plus
    -log sigmoid(-x.z) for each negative z drawn from `noise`, except draws of the centre itself.
    CBOW has one pair per centre, and x is the mean of its contexts. A centre takes one step of
    gradient descent on its pairs; with `parts`, so do all rows that x is the mean of.

    Args:
        inputs, outputs: (V, D) float32, contiguous, apart; D a multiple of 16 (pad with zeros).
        tokens: (n,) int32, words from 0 to V - 1; at most 2^27 a call.
        sentences: (s + 1,) int64, rising from 0 to n: where each sentence begins, and the end.
        settings: how to train; None for the defaults.
        noise: the distribution of the negatives, V weights.
        keep: (V,) int64: 2^32 times the probability of keeping a word; None keeps all.
        changes: fields that replace those of `settings`, such as `window=3`; and `parts`: starts
            (V + 1,) int64 and rows (P,) int32, of which word w is the mean of the one or more
            `rows[starts[w]:starts[w + 1]]` of `inputs`, of any number. None: word w is row w.

    Returns:
        Loss, pairs, centres, vector gradients and clipped gradients.

    Raises:
        TypeError: on a wrong dtype, a number of the wrong type, or a name that is no setting.
        ValueError: on a wrong shape, a number out of range, or vectors that are not contiguous.
    """
    _check_vectors(inputs, outputs)
    _check_trainable(inputs, outputs, noise)
    parts = changes.pop("parts", None)
    chosen = replace(settings or SkipgramSettings(), **changes)
    kept = torch.full((len(outputs),), ALWAYS, device=inputs.device) if keep is None else keep
    corpus = Corpus(tokens, sentences, kept, noise.table, *_part_tensors(inputs, parts))
    _check_corpus(inputs, outputs, corpus)
    if not torch.compiler.is_compiling():  # a graph cannot branch on values; the kernels check them
        _check_values(inputs, corpus)
    name, tensors = ("skipgram", corpus[:4]) if parts is None else ("skipgram_parts", corpus)
    counts: Tensor = op(name)(inputs, outputs, *tensors, *chosen.numbers())
    return SkipgramCounts(*counts.unbind())


def _check_vectors(inputs: Tensor, outputs: Tensor) -> None:
    for name, value in (("inputs", inputs), ("outputs", outputs)):
        check_tensor("skipgram", name, value)
        if value.dtype != torch.float32:
            raise TypeError(f"skipgram: {name} must be float32, got {value.dtype}")
        if value.dim() != 2 or value.shape[0] < 1 or value.shape[1] < 1:
            raise ValueError(f"skipgram: {name} must have shape (V, D), got {tuple(value.shape)}")
        if value.shape[1] % COLUMNS or not value.is_contiguous():
            raise ValueError(
                f"skipgram: {name} must be contiguous, with a multiple of {COLUMNS} columns; got "
                f"{tuple(value.shape)}; fill up with zero columns, they stay zero"
            )
    if inputs.shape[1] != outputs.shape[1] or inputs.device != outputs.device:
        raise ValueError(
            "skipgram: inputs and outputs must have one shape and device, got "
            f"{tuple(inputs.shape)} and {tuple(outputs.shape)}"
        )


def _check_trainable(inputs: Tensor, outputs: Tensor, noise: AliasTable) -> None:
    if inputs.requires_grad or outputs.requires_grad:
        raise ValueError("skipgram: vectors are trained in place, without autograd; detach() them")
    if not isinstance(noise, AliasTable):
        raise TypeError(f"skipgram: noise must be an AliasTable, got {type(noise).__name__}")


def _part_tensors(inputs: Tensor, parts: Any) -> tuple[Tensor, Tensor]:
    if parts is None:
        return _no_parts(inputs)
    if not isinstance(parts, (tuple, list)) or len(parts) != 2:
        raise TypeError("skipgram: parts must be two tensors, starts and rows")
    return parts[0], parts[1]


def _no_parts(inputs: Tensor) -> tuple[Tensor, Tensor]:
    nothing = torch.empty(0, dtype=torch.int64, device=inputs.device)
    return nothing, nothing.int()


def _check_corpus(inputs: Tensor, outputs: Tensor, corpus: Corpus) -> None:
    tokens, sentences, keep, table, starts, rows = corpus
    if not isinstance(tokens, Tensor) or tokens.dtype != torch.int32:
        raise TypeError("skipgram: tokens must be a tensor of int32")
    check_int64("skipgram", "sentences", sentences)
    check_int64("skipgram", "keep", keep)
    check_int64("skipgram", "noise", table)
    check_parts_tensors(inputs, outputs, starts, rows)
    devices = {str(value.device) for value in (inputs, *corpus)}
    if len(devices) > 1:
        raise ValueError(
            f"skipgram: all tensors must be on one device, got {', '.join(sorted(devices))}"
        )
    size = outputs.shape[0]
    if size > MOST_WEIGHTS or tokens.dim() != 1 or tokens.shape[0] > LIMITS["tokens"][1]:
        raise ValueError(
            f"skipgram: tokens must have shape (n,), n at most 2^27, got {tuple(tokens.shape)}"
        )
    if sentences.dim() != 1 or sentences.shape[0] < 1:
        raise ValueError(
            f"skipgram: sentences must have shape (s + 1,), got {tuple(sentences.shape)}"
        )
    if keep.shape != (size,) or table.shape != (size, 2):
        raise ValueError(
            f"skipgram: keep and noise must be for {size} words, as many as there are vectors, got "
            f"{tuple(keep.shape)} and {tuple(table.shape)}"
        )


def _check_values(inputs: Tensor, corpus: Corpus) -> None:
    tokens, sentences, keep, table, starts, rows = corpus
    vocabulary = keep.shape[0]
    if tokens.numel():
        least, most = (int(value) for value in tokens.aminmax())
        if not 0 <= least <= most < vocabulary:
            raise ValueError(
                f"skipgram: tokens must be from 0 to {vocabulary - 1}, got {least} to {most}"
            )
    ends = int(sentences[0]), int(sentences[-1])
    if ends != (0, tokens.shape[0]) or bool((sentences.diff() < 0).any()):
        raise ValueError(f"skipgram: sentences must rise from 0 to {tokens.shape[0]}")
    if not 0 <= int(table[:, 1].min()) <= int(table[:, 1].max()) < vocabulary:
        raise ValueError(f"skipgram: noise must draw words from 0 to {vocabulary - 1}")
    if len(starts):
        check_parts_values(inputs, starts, rows)


def _checked_raw(count: int, *arguments: Any) -> tuple[Corpus, SkipgramSettings]:
    """Check a raw call with `count` tensors beside the vectors, all but the values in tensors."""
    inputs, outputs, *rest = arguments
    given = rest[:count] if count == len(Corpus._fields) else [*rest[:count], *_no_parts(inputs)]
    corpus = Corpus(*given)
    _check_vectors(inputs, outputs)
    _check_corpus(inputs, outputs, corpus)
    return corpus, SkipgramSettings.of_numbers(*rest[count:])


def _reference(count: int, *arguments: Any) -> Tensor:
    corpus, settings = _checked_raw(count, *arguments)
    inputs, outputs, *_ = arguments
    _check_values(inputs, corpus)
    return train(inputs, outputs, corpus, settings)


def _fake(count: int, *arguments: Any) -> Tensor:
    _checked_raw(count, *arguments)
    counted_on = "meta" if arguments[0].is_meta else "cpu"
    return torch.empty(5, dtype=torch.float64, device=counted_on)


_PARTS = "Tensor part_starts, Tensor part_rows, "
for _name, _count, _parts in (("skipgram", 4, ""), ("skipgram_parts", 6, _PARTS)):
    define(
        f"{_name}(Tensor(a!) inputs, Tensor(b!) outputs, Tensor tokens, Tensor sentences, "
        f"Tensor keep, Tensor noise, {_parts}SymInt window, SymInt negatives, SymInt seed, "
        "SymInt offset, float lr_from, float lr_to, SymInt kind, SymInt block, float clip_value, "
        "float clip_norm, SymInt together) -> Tensor",
        partial(_reference, _count),
        partial(_fake, _count),
    )
