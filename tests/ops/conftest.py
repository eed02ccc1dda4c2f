"""What the tests of the kernels share: both implementations."""

from __future__ import annotations

import pytest
import torch

from core import ops

IMPLEMENTATIONS = (
    pytest.param(("python", "cpu"), id="python"),
    pytest.param(("native", "cpu"), id="native"),
    pytest.param(("native", "cuda"), id="cuda", marks=pytest.mark.cuda),
)


@pytest.fixture(params=IMPLEMENTATIONS)
def device(request):
    """Run the test once with each implementation; return the device to put tensors on."""
    mode, device = request.param
    if mode == "native" and not ops.native_available():
        pytest.skip("no compiled library: python -m pip install --no-build-isolation -e .")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    with ops.use(mode):
        yield device


@pytest.fixture
def native():
    """Skip where there is no compiled library."""
    if not ops.native_available():
        pytest.skip("no compiled library: python -m pip install --no-build-isolation -e .")
