"""Muon: momentum with orthogonalised steps for matrices; AdamW for all other parameters.

A few directions dominate the gradient of a matrix. The nearest semi-orthogonal matrix gives all
directions the same weight, so that rare features are learned as fast as common ones. A filter bank
(out, in, height, width) counts as a matrix with `out` rows.

K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. Steps have the
size of AdamW's, so that both use one learning rate (J. Liu et al., "Muon is scalable for LLM
training", 2025). `torch.optim.Muon` does not take filter banks and computes in bfloat16, which many
processors must emulate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.optim.adamw import adamw

# For each iteration, the odd quintic that maps the interval of the singular values closest to 1 (N.
# Amsel et al., "The Polar Express", 2025; these were found by linear programming). Values from 0.01
# to 1 end between 0.73 and 1.27, for which the quintic of the first paper takes five iterations.
QUINTICS = (
    (8.0934, -23.6204, 17.4462),
    (3.6366, -2.7219, 0.5365),
    (2.6613, -1.9772, 0.4526),
)
_STEP_SIZE = 0.2  # root mean square of AdamW's steps, in learning rates
_LARGEST_STACK = 2**18  # elements per work item

Update = Callable[[], None]
ShareOut = Callable[[Callable[[Update], None], Sequence[Update]], Iterable[None]]


def orthogonalised(matrices: Tensor) -> Tensor:
    """Return matrices (N, r, c) with the same singular vectors, and singular values near 1.

    Uses Newton-Schulz iterations: an odd polynomial of a matrix changes only its singular values.
    Those below a hundredth of the norm end lower. It is cheapest if r <= c.
    """
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for a, b, c in QUINTICS:
        gram = x @ x.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x


class Muon(torch.optim.Optimizer):
    """The optimiser.

    Args:
        groups: parameter groups with their `weight_decay`; parameters with two or more dimensions
            count as matrices.
        lr: learning rate.
        momentum: decay of the mean gradient of matrices; beta1 of AdamW.
        beta2: of AdamW.
        most_rows: matrices with more rows and more columns are left to AdamW, as the cost of a step
            grows with the cube of the smaller side; 0 for none.
        share_out: maps a function over the updates of a step, as `map` does; may use threads.
    """

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        lr: float,
        *,
        momentum: float,
        beta2: float,
        most_rows: int = 0,
        share_out: ShareOut = map,
    ) -> None:
        def orthogonal(parameter: Tensor) -> bool:
            rows = min(len(parameter), parameter[0].numel()) if parameter.ndim > 1 else 0
            return 0 < rows <= (most_rows or rows)

        split = [
            {**group, "params": parameters, "matrices": matrices}
            for group in groups
            for matrices in (True, False)
            if (parameters := [p for p in group["params"] if orthogonal(p) == matrices])
        ]
        super().__init__(split, {"lr": lr, "momentum": momentum, "beta2": beta2})
        self._share_out = share_out

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update all parameters that have gradients."""
        work: list[tuple[int, Update]] = []
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if parameters and group["matrices"]:
                work.extend(self._steps_of_matrices(parameters, group))
            elif parameters:
                work.append(self._step_of_others(parameters, group))
        # The largest pieces come first, so that threads end at about the same time.
        work.sort(key=lambda piece: -piece[0])
        list(self._share_out(_call, [update for _, update in work]))

    def _steps_of_matrices(
        self, parameters: list[Tensor], group: dict[str, Any]
    ) -> Iterator[tuple[int, Update]]:
        """Yield the size and the update of each stack of matrices of one shape."""
        means = self._kept(parameters, "mean")
        stacks: dict[tuple[int, int], list[int]] = {}
        for number, parameter in enumerate(parameters):
            sides = len(parameter), parameter[0].numel()
            stacks.setdefault((min(sides), max(sides)), []).append(number)
        for (rows, columns), numbers in stacks.items():
            for piece in _pieces(numbers, rows * columns):
                chosen = [parameters[n] for n in piece], [means[n] for n in piece]
                cost = rows * rows * columns * len(piece)
                yield cost, partial(_step_matrices, *chosen, group)

    def _step_of_others(
        self, parameters: list[Tensor], group: dict[str, Any]
    ) -> tuple[int, Update]:
        """Return the number of values and the update by AdamW."""
        for parameter in parameters:
            self.state[parameter].setdefault("step", torch.zeros((), device=parameter.device))
        update = partial(
            adamw,
            parameters,
            [p.grad for p in parameters if p.grad is not None],
            self._kept(parameters, "exp_avg"),
            self._kept(parameters, "exp_avg_sq"),
            [],
            [self.state[p]["step"] for p in parameters],
            fused=parameters[0].device.type in ("cpu", "cuda"),
            amsgrad=False,
            beta1=group["momentum"],
            beta2=group["beta2"],
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            eps=1e-8,
            maximize=False,
        )
        return sum(p.numel() for p in parameters), update

    def _kept(self, parameters: Sequence[Tensor], name: str) -> list[Tensor]:
        """Return a state tensor of each parameter, initially zero."""
        for parameter in parameters:
            if name not in self.state[parameter]:
                self.state[parameter][name] = torch.zeros_like(parameter)
        return [self.state[parameter][name] for parameter in parameters]


def _call(update: Update) -> None:
    update()


def _step_matrices(parameters: list[Tensor], means: list[Tensor], group: dict[str, Any]) -> None:
    """Update matrices of one shape and their mean gradients."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    torch._foreach_lerp_(means, gradients, 1 - group["momentum"])
    ahead = torch._foreach_lerp(gradients, means, group["momentum"])  # Nesterov momentum
    steps = orthogonalised(torch.stack([_matrix(direction) for direction in ahead]))
    if group["weight_decay"]:
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
    size = -group["lr"] * _STEP_SIZE * max(steps.shape[1:]) ** 0.5
    for parameter, step in zip(parameters, steps, strict=True):
        parameter.add_(_like(parameter, step), alpha=size)


def _pieces(numbers: list[int], size: int) -> list[list[int]]:
    """Split matrices of one shape into stacks large enough for a thread."""
    count = max(_LARGEST_STACK // size, 1)
    return [numbers[first : first + count] for first in range(0, len(numbers), count)]


def _matrix(tensor: Tensor) -> Tensor:
    """Return a tensor as a matrix with r <= c; channels-last tensors need no copy."""
    matrix = (tensor.permute(0, 2, 3, 1) if tensor.ndim == 4 else tensor).flatten(1)
    return matrix if len(matrix) <= matrix.shape[1] else matrix.T


def _like(parameter: Tensor, matrix: Tensor) -> Tensor:
    """Undo `_matrix`: return the matrix in the parameter's shape."""
    if len(parameter) != len(matrix) or (parameter[0].numel() != matrix.shape[1]):
        matrix = matrix.T
    if parameter.ndim != 4:
        return matrix.reshape(parameter.shape)
    out, channels, height, width = parameter.shape
    return matrix.reshape(out, height, width, channels).permute(0, 3, 1, 2)
