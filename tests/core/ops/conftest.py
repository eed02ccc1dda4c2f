"""What the tests of the kernels share: both implementations."""

from __future__ import annotations

import pytest
import torch

from nntasks import ops

NONE_COMPILED = "no compiled library: python -m pip install --no-build-isolation -e ."
IMPLEMENTATIONS = (
    pytest.param(("python", "cpu"), id="python"),
    pytest.param(("native", "cpu"), id="native"),
    pytest.param(("native", "cuda"), id="cuda", marks=pytest.mark.cuda),
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Use one thread for these small tensors; a test of threads sets its own number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def set_threads(one_thread):
    """Return what sets the number of threads, which is one again when the test ends."""
    yield torch.set_num_threads
    torch.set_num_threads(1)


@pytest.fixture(params=IMPLEMENTATIONS)
def device(request):
    """Run the test once with each implementation; return the device to put tensors on."""
    mode, device = request.param
    if mode == "native" and not ops.native_available():
        pytest.skip(NONE_COMPILED)
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    with ops.use(mode):
        yield device


@pytest.fixture
def overload(device):
    """Return a function from the name of an op to the overload that serves this implementation."""

    def of(name):
        packet = getattr(torch.ops.nntasks, name)
        return packet.default if ops.active() == "native" else packet.python

    return of


@pytest.fixture
def native():
    """Skip where there is no compiled library."""
    if not ops.native_available():
        pytest.skip(NONE_COMPILED)
