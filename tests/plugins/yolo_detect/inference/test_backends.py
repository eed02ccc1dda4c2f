"""The backends: each gives eager's logits, and what is missing is said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from nntasks.errors import MissingError, UsageError
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.inference import onednn
from nntasks.plugins.yolo_detect.inference.backends import BACKENDS, open_backend
from nntasks.plugins.yolo_detect.network import YoloV5

SIZE = 96
EXACT = ("eager", "channels_last", "onednn")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return YoloV5(3, 0.33, 0.125)


@pytest.fixture(scope="module")
def images():
    """Return three images of noise in blocks, so that there is something to tell apart."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 256, (3, 3, SIZE // 8, SIZE // 8), dtype=np.uint8)
    return torch.from_numpy(blocks.repeat(8, axis=2).repeat(8, axis=3))


@pytest.fixture(scope="module")
def expected(network, images):
    with torch.no_grad():
        return network.eval()(images.float() / 255)


def opened(name, network):
    try:
        return open_backend(name, network, SIZE, "cpu")
    except MissingError as error:
        if name in EXACT[:2]:
            raise
        pytest.skip(str(error))


def largest_difference(ours, theirs):
    """Return the largest difference between the levels of two outputs."""
    return max(float((a - b).abs().max()) for a, b in zip(ours, theirs, strict=True))


class TestAllBackends:
    @pytest.mark.parametrize(
        ("name", "limit"),
        [
            ("auto", 1e-4),
            ("eager", 1e-4),
            ("channels_last", 1e-4),
            ("onednn", 1e-4),
            pytest.param("onnxruntime", 1e-4, marks=pytest.mark.slow),
            pytest.param("openvino", 1e-4, marks=pytest.mark.slow),
            pytest.param("compile", 1e-4, marks=pytest.mark.slow),
        ],
    )
    def test_logits_are_the_networks(self, network, images, expected, name, limit):
        backend = opened(name, network)
        for count in (1, 3):  # any batch, whatever it was opened with
            ours = backend(images[:count]).logits()
            theirs = [level[:count] for level in expected]
            assert [level.shape for level in ours] == [level.shape for level in theirs]
            assert {level.dtype for level in ours} == {torch.float32}
            assert largest_difference(ours, theirs) < limit

    @pytest.mark.parametrize("name", EXACT)
    def test_memory_format_of_the_images_does_not_matter(self, network, images, name):
        backend = opened(name, network)
        turned = images.contiguous(memory_format=torch.channels_last)
        assert largest_difference(backend(turned).logits(), backend(images).logits()) == 0

    @pytest.mark.parametrize("name", EXACT)
    def test_later_training_does_not_change_it(self, images, name):
        torch.manual_seed(1)
        network = YoloV5(3, 0.33, 0.125)
        backend = opened(name, network)
        before = backend(images[:1]).logits()
        with torch.no_grad():
            for value in network.state_dict().values():
                value.zero_()
        assert largest_difference(backend(images[:1]).logits(), before) == 0

    @pytest.mark.parametrize(
        "images",
        [
            torch.zeros(1, 3, SIZE, SIZE),
            torch.zeros(3, SIZE, SIZE, dtype=torch.uint8),
            torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8),
            torch.zeros(1, 3, SIZE + 32, SIZE, dtype=torch.uint8),
        ],
        ids=["float", "no batch", "colours last", "other size"],
    )
    def test_other_input_is_refused(self, network, images):
        with pytest.raises(ValueError, match=rf"expected images \(B, 3, {SIZE}, {SIZE}\)"):
            opened("eager", network)(images)

    def test_every_name_of_the_configuration_opens(self):
        names = YoloConfig.model_fields["backend"].annotation.__args__
        assert set(names) <= {"auto", *BACKENDS}


class TestChoice:
    def test_auto_is_onednn_where_torch_has_it(self, network):
        assert open_backend("onednn", network, SIZE, "cpu").name == "onednn"
        assert open_backend("auto", network, SIZE, "cpu").name == "onednn"

    @pytest.mark.parametrize("mishap", ["disabled", "gone", "wrong"])
    def test_auto_does_without_onednn(self, network, images, expected, monkeypatch, mishap):
        if mishap == "disabled":
            monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
        elif mishap == "gone":
            monkeypatch.setattr(onednn.OneDnnConv, "forward", self._gone)
        else:
            right = onednn.OneDnnConv.forward
            monkeypatch.setattr(onednn.OneDnnConv, "forward", lambda conv, x: right(conv, x) * 1.01)
        backend = open_backend("auto", network, SIZE, "cpu")
        assert backend.name == "channels_last"
        assert largest_difference(backend(images).logits(), expected) < 1e-4
        with pytest.raises(MissingError, match=r"backend=onednn needs .*; choose backend=auto"):
            open_backend("onednn", network, SIZE, "cpu")

    @staticmethod
    def _gone(conv, x):
        return torch.ops.mkldnn._no_such_convolution(x)

    def test_unknown_names_list_the_known(self, network):
        with pytest.raises(UsageError, match=r"expected one of auto, .*Did you mean 'onednn'"):
            open_backend("onedn", network, SIZE, "cpu")

    @pytest.mark.parametrize("name", ["onednn", "onnxruntime", "openvino"])
    def test_some_compute_on_the_cpu_only(self, network, name):
        with pytest.raises(UsageError, match=f"backend={name} computes on the CPU only"):
            open_backend(name, network, SIZE, "meta")


class TestMissing:
    @pytest.mark.slow
    def test_compiler(self, tmp_path):
        """In a process of its own, whose compiler's cache is empty."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).resolve().parents[4]),
            "TORCHINDUCTOR_CACHE_DIR": str(tmp_path),
            "CXX": str(tmp_path / "no-compiler"),
        }
        process = subprocess.run(
            [sys.executable, "-c", OPEN_COMPILED],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        assert "backend=compile needs a working C++ compiler" in process.stdout
        assert process.stdout.count("\n") == 1


OPEN_COMPILED = """
from nntasks.errors import MissingError
from nntasks.plugins.yolo_detect.inference.backends import open_backend
from nntasks.plugins.yolo_detect.network import YoloV5

try:
    open_backend("compile", YoloV5(1, 0.33, 0.125), 64, "cpu")
except MissingError as error:
    print(error)
"""


def test_a_compiler_that_makes_another_network_is_named_in_one_line(network, monkeypatch):
    def compiled(module, **options):
        return lambda images: [level * 1.01 for level in module(images)]

    monkeypatch.setattr(torch, "compile", compiled)
    with pytest.raises(MissingError, match="other numbers than the one it is given") as caught:
        open_backend("compile", network, SIZE, "cpu")
    assert "\n" not in str(caught.value)
