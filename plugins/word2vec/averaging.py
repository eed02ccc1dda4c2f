"""Parameter averaging over processes that train on different parts of a corpus.

R. McDonald, K. Hall, G. Mann, "Distributed Training Strategies for the Structured Perceptron",
NAACL 2010.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from nntasks.machine.distributed import Workers


def average(workers: Workers, parameters: Sequence[torch.Tensor], weight: float) -> None:
    """Set parameters to their mean over all processes, in place.

    Args:
        workers: the processes; a single one keeps its parameters.
        parameters: the arrays to average, with the same shapes in every process.
        weight: weight of this process in the mean, such as the number of words that it trained on.
    """
    if workers.size == 1:
        return
    import torch.distributed as dist

    share = weight / max(sum(workers.gather(weight)), 1e-300)
    for parameter in parameters:
        on_gpu = dist.get_backend() == "nccl" and not parameter.is_cuda
        sent = (parameter * share).cuda() if on_gpu else parameter * share
        dist.all_reduce(sent)
        parameter.copy_(sent)
