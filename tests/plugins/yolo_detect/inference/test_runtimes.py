"""The network for other programs: what they are asked for, and packages that are missing.

That they compute the network is tested with the backends.
"""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nntasks.errors import MissingError
from nntasks.plugins.yolo_detect.inference import openvino, runtimes
from nntasks.plugins.yolo_detect.network import YoloV5

OPENERS = {"onnxruntime": runtimes.onnxruntime, "openvino": openvino.opened}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return YoloV5(2, 0.33, 0.125).eval()


@pytest.mark.parametrize(
    ("backend", "extra", "package"),
    [
        ("onnxruntime", "export", "onnxruntime"),
        ("onnxruntime", "export", "onnx"),
        ("onnxruntime", "export", "onnxscript"),
        ("openvino", "openvino", "openvino"),
        ("openvino", "openvino", "onnxscript"),
    ],
)
def test_a_missing_package_is_named_with_what_installs_it(
    network, monkeypatch, backend, extra, package
):
    def without(name, *rest):
        if name == package:
            raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(MissingError) as caught:
        OPENERS[backend](network, 64)
    assert str(caught.value) == (
        f"backend={backend} needs the package {package}: pip install 'nntasks[{extra}]'"
    )


def test_features_take_bytes_and_leave_the_heads_out(network):
    images = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        ours = runtimes.Features(network)(images)
        theirs = network.features(images.float())
    assert [level.shape[-1] for level in ours] == [8, 4, 2]
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


class Session:
    """A stand-in for the session of ONNX Runtime, which notes what it gets."""

    def __init__(self, program, options, providers):
        self.given = (program, options, providers)
        self.images = None
        Session.made = self

    def get_inputs(self):
        return [SimpleNamespace(name="pixels")]

    def run(self, names, inputs):
        assert names is None
        self.images = inputs["pixels"]
        return [np.full((1, 2), 7.0, np.float32), np.zeros((1, 1), np.float32)]


def test_onnx_runtime_gets_the_program_threads_and_dense_bytes(network, monkeypatch):
    stand_in = SimpleNamespace(SessionOptions=SimpleNamespace, InferenceSession=Session)
    monkeypatch.setattr(importlib, "import_module", lambda name: stand_in)
    monkeypatch.setattr(runtimes, "exported", lambda network, size: b"program %d" % size)
    compute = runtimes.onnxruntime(network, 64)
    images = torch.zeros(1, 3, 64, 64, dtype=torch.uint8).to(memory_format=torch.channels_last)
    outputs = compute(images)
    program, options, providers = Session.made.given
    assert (program, providers) == (b"program 64", ["CPUExecutionProvider"])
    assert options.intra_op_num_threads == torch.get_num_threads()
    assert Session.made.images.flags["C_CONTIGUOUS"]
    assert Session.made.images.dtype == np.uint8
    assert [level.tolist() for level in outputs] == [[[7.0, 7.0]], [[0.0]]]
