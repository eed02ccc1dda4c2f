"""The rows whose mean is the input vector of a word, for the reference of `skipgram`.

A word and its character n-grams have a row each: Bojanowski, Grave, Joulin and Mikolov, "Enriching
Word Vectors with Subword Information", 2017, arXiv 1607.04606.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64


class Parts(NamedTuple):
    """The rows of `inputs` that each word is the mean of.

    Attributes:
        starts: (V + 1,) int64, where those of each word begin; (0,) if a word is its own row.
        rows: (P,) int32.
    """

    starts: Tensor
    rows: Tensor

    def counts(self, words: Tensor) -> Tensor:
        """Return how many rows words have, float32 of their shape."""
        if not len(self.starts):
            return torch.ones(words.shape, device=words.device)
        return (self.starts[words + 1] - self.starts[words]).float()

    def vectors(self, inputs: Tensor, words: Tensor) -> Tensor:
        """Return the input vectors of words, of the shape of `words` and one more, (D,)."""
        if not len(self.starts):
            return inputs[words]
        different, place = words.unique(return_inverse=True)
        number, rows = self._listed(different)
        sums = inputs.new_zeros(len(different), inputs.shape[1])
        sums.index_add_(0, number, inputs[rows])
        return (sums / self.counts(different)[:, None])[place]

    def spread(self, words: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows of words (N,), and for each the step (D,) of its word."""
        if not len(self.starts):
            return words, steps
        number, rows = self._listed(words)
        return rows, steps[number]

    def _listed(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows of words, one word after the other, and which of the words each is of."""
        counts = self.starts[words + 1] - self.starts[words]
        number = torch.arange(len(words), device=words.device).repeat_interleave(counts)
        before = counts.cumsum(0) - counts
        within = torch.arange(len(number), device=words.device) - before[number]
        return number, self.rows[self.starts[words][number] + within].long()


def check_parts_tensors(inputs: Tensor, outputs: Tensor, starts: Tensor, rows: Tensor) -> None:
    """Check types and shapes; without parts, inputs and outputs must have one shape."""
    check_int64("skipgram", "parts: starts", starts)
    if not isinstance(rows, Tensor) or rows.dtype != torch.int32 or rows.dim() != 1:
        raise TypeError("skipgram: parts: rows must be a tensor of int32 of shape (P,)")
    words = outputs.shape[0]
    if starts.dim() != 1 or starts.shape[0] not in (0, words + 1):
        raise ValueError(
            f"skipgram: parts: starts must be for {words} words, of shape ({words + 1},), got "
            f"{tuple(starts.shape)}"
        )
    if starts.shape[0] == 0 and (inputs.shape[0] != words or rows.shape[0]):
        raise ValueError(
            "skipgram: inputs and outputs must have one shape and device, got "
            f"{tuple(inputs.shape)} and {tuple(outputs.shape)}"
        )


def check_parts_values(inputs: Tensor, starts: Tensor, rows: Tensor) -> None:
    """Check that each word has rows, and that there are such rows."""
    ends = int(starts[0]), int(starts[-1])
    if ends != (0, rows.shape[0]) or bool((starts.diff() < 1).any()):
        raise ValueError(
            f"skipgram: parts: starts must rise from 0 to {rows.shape[0]}, by 1 or more a word"
        )
    least, most = (int(value) for value in rows.aminmax())
    if not 0 <= least <= most < inputs.shape[0]:
        raise ValueError(
            f"skipgram: parts: rows must be from 0 to {inputs.shape[0] - 1}, got {least} to {most}"
        )
