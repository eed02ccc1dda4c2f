"""Arrays of ours beside tensors of PyTorch."""

from __future__ import annotations

import numpy as np
import torch


def tensor(values):
    """Return values as a tensor that gathers a gradient."""
    return torch.tensor(values, requires_grad=True)


def agree(ours, theirs):
    """Assert that an array equals a tensor up to the rounding of float64."""
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-11)
