"""bfloat16 in inference: close to float32, and refused in one line where it is not to be had."""

from __future__ import annotations

import pytest
import torch

from nntasks.errors import MissingError, UsageError
from nntasks.plugins.yolo_detect.inference import arithmetic, onednn
from nntasks.plugins.yolo_detect.inference.arithmetic import SHORT, Choice, processor_has_bfloat16
from nntasks.plugins.yolo_detect.inference.backends import BACKENDS, open_backend
from nntasks.plugins.yolo_detect.network import YoloV5

SIZE = 96


@pytest.fixture(scope="module")
def blocks():
    """Return pictures of noise in blocks, so that there is something to tell apart."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randint(0, 256, (4, 3, 12, 12), generator=generator, dtype=torch.uint8)
    return coarse.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)


@pytest.fixture(scope="module")
def network(blocks):
    """Return a network with the pictures' statistics: its features are as large as if trained."""
    torch.manual_seed(0)
    network = YoloV5(3, 0.33, 0.125)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network.train()(blocks.float() / 255)
    return network.eval()


@pytest.fixture
def able(monkeypatch):
    """Return a function that says of the processor whether it has bfloat16."""

    def say(answer):
        monkeypatch.setattr(arithmetic, "processor_has_bfloat16", lambda: answer)

    return say


@pytest.mark.parametrize(
    "name", ["auto", "channels_last", "onednn", pytest.param("openvino", marks=pytest.mark.slow)]
)
def test_logits_are_close_to_float32s_and_not_equal(network, blocks, name):
    if not processor_has_bfloat16():
        pytest.skip("this processor does not compute in bfloat16")
    exact = open_backend("eager", network, SIZE, "cpu")(blocks).logits()
    try:
        short = open_backend(Choice(name, "bfloat16"), network, SIZE, "cpu")
    except MissingError as error:
        pytest.skip(str(error))
    assert short.name == ("onednn" if name == "auto" else name)
    found = short(blocks).logits()
    assert {level.dtype for level in found} == {torch.float32}
    for ours, theirs in zip(found, exact, strict=True):
        apart = float((ours - theirs).square().mean().sqrt() / theirs.std())
        assert 1e-3 < apart < 0.2


def test_a_name_alone_is_float32(network, blocks):
    named = open_backend("auto", network, SIZE, "cpu")(blocks).logits()
    chosen = open_backend(Choice("auto", "float32"), network, SIZE, "cpu")(blocks).logits()
    assert all(torch.equal(a, b) for a, b in zip(named, chosen, strict=True))


@pytest.mark.parametrize("name", sorted(set(BACKENDS) - set(SHORT)))
def test_backends_without_it_are_refused(network, able, name):
    able(True)
    with pytest.raises(
        UsageError, match=f"backend={name} does not have it; choose one of auto, ch"
    ):
        open_backend(Choice(name, "bfloat16"), network, SIZE, "cpu")


def test_other_devices_are_refused(network, able):
    able(True)
    with pytest.raises(MissingError, match="needs a CPU or a GPU that computes in it"):
        open_backend(Choice("auto", "bfloat16"), network, SIZE, "meta")


@pytest.mark.parametrize("answer", [True, False])
def test_a_gpu_is_asked_for_arithmetic_that_it_does_not_emulate(monkeypatch, answer):
    asked = []
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda **words: asked.append(words) or answer
    )
    assert arithmetic.device_has_bfloat16(torch.device("cuda")) is answer
    assert asked == [{"including_emulation": False}]


@pytest.mark.parametrize("name", ["auto", *SHORT])
def test_other_processors_are_refused_in_one_line(network, able, name):
    able(False)
    with pytest.raises(
        MissingError, match=r"needs a processor \(with AVX-512 BF16 or AMX\)"
    ) as caught:
        open_backend(Choice(name, "bfloat16"), network, SIZE, "cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["auto", "onednn"])
def test_kernels_that_do_not_have_it_are_named_in_one_line(network, able, monkeypatch, name):
    able(True)
    monkeypatch.setattr(onednn, "opened", lambda *given: None)
    with pytest.raises(MissingError, match=r"in bfloat16, which .* backend_precision=float32$"):
        open_backend(Choice(name, "bfloat16"), network, SIZE, "cpu")


def test_an_unknown_precision_lists_the_known():
    with pytest.raises(UsageError, match="backend_precision=int8: expected one of float32, bf"):
        Choice("auto", "int8").check(torch.device("cpu"))


@pytest.mark.parametrize(
    ("avx512", "amx", "expected"),
    [(True, False, True), (False, True, True), (False, False, False), (None, None, False)],
)
def test_what_torch_says_of_the_processor(monkeypatch, avx512, amx, expected):
    for name, answer in (("_is_avx512_bf16_supported", avx512), ("_is_amx_tile_supported", amx)):
        if answer is None:  # another torch
            monkeypatch.delattr(torch.cpu, name, raising=False)
        else:
            monkeypatch.setattr(torch.cpu, name, lambda answer=answer: answer, raising=False)
    assert processor_has_bfloat16() is expected
