"""Word vectors by negative sampling: one pass over a piece of an encoded corpus.

Skip-gram and CBOW of Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed Representations of
Words and Phrases and their Compositionality", 2013, arXiv 1310.4546. All the words around a centre
share its negatives, which makes small matrix products of the work: Ji, Satish, Li and Dubey,
"Parallelizing Word2Vec in Shared and Distributed Memory", 2016, arXiv 1604.04661.

What is drawn is a function of the seed and of a word's place in the corpus, and of nothing else.
"""

from __future__ import annotations

from typing import Any, SupportsFloat, SupportsIndex

import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64, check_tensor, checked_int, checked_word
from nntasks.ops._library import define, op
from nntasks.ops._skipgram_reference import train
from nntasks.ops.alias import MOST_WEIGHTS, AliasTable

KINDS = ("skipgram", "cbow", "cbow_exact")
COLUMNS = 16  # the width of vectors is a multiple of it
MOST_WINDOW = 100
MOST_NEGATIVES = 100
MOST_TOKENS = 2**27  # in one call
MOST_BLOCK = 2**16
MOST_TOGETHER = 64
ALWAYS = 2**32  # a threshold that keeps every occurrence
_MOST_OFFSET = 2**48


def skipgram(
    inputs: Tensor,
    outputs: Tensor,
    tokens: Tensor,
    sentences: Tensor,
    *,
    noise: AliasTable,
    keep: Tensor | None = None,
    window: SupportsIndex = 5,
    negatives: SupportsIndex = 5,
    lr: tuple[SupportsFloat, SupportsFloat] = (0.025, 0.025),
    seed: SupportsIndex = 0,
    offset: SupportsIndex = 0,
    kind: str = "skipgram",
    block: SupportsIndex = 0,
    clip_value: SupportsFloat = 0.0,
    clip_norm: SupportsFloat = 0.0,
    together: SupportsIndex = 1,
) -> Tensor:
    """Train word vectors in place on a piece of a corpus; return what it counted.

    Every occurrence of a word is dropped or kept (`keep`). Around each kept one, the centre, the
    reach of the window is drawn from 1 to `window`; the kept words within it, in the same sentence,
    are its contexts. The loss of a pair of vectors x (of `inputs`, a context) and y (of `outputs`,
    the centre) is -log sigmoid(x.y), and -log sigmoid(-x.z) for every z of `outputs` that is drawn
    from the noise; draws of the centre itself are left out. CBOW has one pair a centre, whose x is
    the mean of its contexts. A centre's step is one step of gradient descent on its pairs.

    Args:
        inputs: (V, D) float32, changed in place; dense, D a multiple of 16. Fill up narrower
            vectors with zero columns: they stay zero.
        outputs: as inputs, other memory.
        tokens: (n,) int32, words from 0 to V - 1; at most 2^27 a call.
        sentences: (s + 1,) int64, rising from 0 to n: where each sentence begins, and the end.
        noise: draws the negatives; V weights.
        keep: (V,) int64, each from 0 to 2^32: how many of 2^32 occurrences of a word are kept. None
            keeps all.
        window: 1 to 100.
        negatives: per centre, 1 to 100.
        lr: learning rate at the first and after the last of the tokens, linear between them.
        seed: 0 to 2^64 - 1; one for each pass over the corpus.
        offset: place of the first token in the whole corpus, 0 to 2^48.
        kind: "skipgram"; "cbow", where every context takes the whole gradient of the mean, as in
            word2vec.c; "cbow_exact", where it takes its share of it: Irsoy, Benton and Stratos,
            "Corrected CBOW Performs as well as Skip-gram", 2021, arXiv 2012.15332.
        block: 0 to 65,536. 0 trains lock-free on all threads, each centre's step at once; two
            threads may overwrite each other's (Recht, Re, Wright and Niu, "Hogwild!", 2011). From 1
            on, the gradients of so many centres are taken at the same vectors and then added in
            order: the result is the same to the bit for any number of threads.
        clip_value: most that a component of a vector's gradient from one centre may be; 0 for no
            limit.
        clip_norm: most that the norm of such a gradient may be, after `clip_value`; 0 for no limit.
        together: 1 to 64. So many kept words that follow each other have the negatives of the
            first of them, counted from the first of the tokens: fewer vectors to fetch.

    Returns:
        (5,) float64 on the CPU: the sum of the losses before the steps, pairs, centres, gradients
        of vectors, and how many of these were clipped.

    Raises:
        TypeError: on a wrong dtype, or a number of the wrong type.
        ValueError: on a wrong shape, a number out of range, vectors that are not dense.
    """
    _check_vectors(inputs, outputs)
    if inputs.requires_grad or outputs.requires_grad:
        raise ValueError("skipgram: vectors are trained in place, without autograd; detach() them")
    if not isinstance(noise, AliasTable):
        raise TypeError(f"skipgram: noise must be an AliasTable, got {type(noise).__name__}")
    if kind not in KINDS:
        raise ValueError(f"skipgram: kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if keep is None:
        keep = torch.full((len(inputs),), ALWAYS, device=inputs.device)
    _check_corpus(inputs, tokens, sentences, keep, noise.table)
    _check_content(tokens, sentences, noise.table, len(inputs))
    return op("skipgram")(
        inputs,
        outputs,
        tokens,
        sentences,
        keep,
        noise.table,
        checked_int("skipgram", "window", window, 1, MOST_WINDOW),
        checked_int("skipgram", "negatives", negatives, 1, MOST_NEGATIVES),
        checked_word("skipgram", "seed", seed),
        checked_int("skipgram", "offset", offset, 0, _MOST_OFFSET),
        *(_checked_float("lr", rate) for rate in lr),
        KINDS.index(kind),
        checked_int("skipgram", "block", block, 0, MOST_BLOCK),
        _checked_float("clip_value", clip_value),
        _checked_float("clip_norm", clip_norm),
        checked_int("skipgram", "together", together, 1, MOST_TOGETHER),
    )


def _checked_float(name: str, value: SupportsFloat) -> float:
    if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
        raise TypeError(f"skipgram: {name} must be a number, got {type(value).__name__}")
    number = float(value)
    if not 0 <= number < float("inf"):
        raise ValueError(f"skipgram: {name} must be finite and 0 or more, got {number}")
    return number


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
    if inputs.shape != outputs.shape or inputs.device != outputs.device:
        raise ValueError(
            "skipgram: inputs and outputs must have one shape and device, got "
            f"{tuple(inputs.shape)} and {tuple(outputs.shape)}"
        )


def _check_corpus(
    inputs: Tensor, tokens: Tensor, sentences: Tensor, keep: Tensor, table: Tensor
) -> None:
    if not isinstance(tokens, Tensor) or tokens.dtype != torch.int32:
        raise TypeError("skipgram: tokens must be a tensor of int32")
    check_int64("skipgram", "sentences", sentences)
    check_int64("skipgram", "keep", keep)
    check_int64("skipgram", "noise", table)
    devices = {str(value.device) for value in (inputs, tokens, sentences, keep, table)}
    if len(devices) > 1:
        raise ValueError(
            f"skipgram: all tensors must be on one device, got {', '.join(sorted(devices))}"
        )
    size = inputs.shape[0]
    if size > MOST_WEIGHTS or tokens.dim() != 1 or tokens.shape[0] > MOST_TOKENS:
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


def _check_ranges(
    window: int,
    negatives: int,
    offset: int,
    rates: tuple[float, ...],
    kind: int,
    block: int,
    together: int,
) -> None:
    right = (
        1 <= window <= MOST_WINDOW
        and 1 <= negatives <= MOST_NEGATIVES
        and 0 <= offset <= _MOST_OFFSET
        and 0 <= kind < len(KINDS)
        and 0 <= block <= MOST_BLOCK
        and 1 <= together <= MOST_TOGETHER
        and all(0 <= rate < float("inf") for rate in rates)
    )
    if not right:
        raise ValueError("skipgram: a number is out of range")


def _check_content(tokens: Tensor, sentences: Tensor, table: Tensor, vocabulary: int) -> None:
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


def _check_raw(
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
) -> None:
    """Check the arguments of a raw call, all but the content of tensors."""
    _check_vectors(inputs, outputs)
    _check_corpus(inputs, tokens, sentences, keep, table)
    numbers = (lr_from, lr_to, clip_value, clip_norm)
    _check_ranges(window, negatives, offset, numbers, kind, block, together)


def _reference(*arguments: Any) -> Tensor:
    _check_raw(*arguments)
    inputs, _, tokens, sentences, _, table, *_ = arguments
    _check_content(tokens, sentences, table, inputs.shape[0])
    return train(*arguments)


def _fake(*arguments: Any) -> Tensor:
    _check_raw(*arguments)
    counted_on = "meta" if arguments[0].is_meta else "cpu"
    return torch.empty(5, dtype=torch.float64, device=counted_on)


define(
    "skipgram(Tensor(a!) inputs, Tensor(b!) outputs, Tensor tokens, Tensor sentences, Tensor keep, "
    "Tensor noise, int window, int negatives, int seed, int offset, float lr_from, float lr_to, "
    "int kind, int block, float clip_value, float clip_norm, int together) -> Tensor",
    _reference,
    _fake,
)
