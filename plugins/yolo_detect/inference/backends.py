"""Inference backends of the network: `backend=` of the configuration.

All compute the fused network (see `fusing`) up to the feature maps of the heads; `output` computes
the heads on demand. Except in bfloat16, they give eager's logits up to float32 rounding.
Measurements: docs/decisions/0003.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from nntasks.errors import MissingError, UsageError, did_you_mean
from nntasks.plugins.yolo_detect.inference import onednn, openvino, runtimes
from nntasks.plugins.yolo_detect.inference.arithmetic import Choice
from nntasks.plugins.yolo_detect.inference.fusing import fused_for_bytes
from nntasks.plugins.yolo_detect.inference.output import FeatureMaps, Heads
from nntasks.plugins.yolo_detect.network import YoloV5

_Compute = Callable[[Tensor], Sequence[Tensor]]


@dataclass(frozen=True)
class Backend:
    """The network, ready for inference.

    Attributes:
        name: name of the backend; never "auto".
        size: side of the images, in pixels.
        device: the computing device; images may be on any.
        concurrent: whether several threads may call it at once, each on some of the cores.
            Otherwise one thread calls it, and it uses all cores.
        own_threads: whether it computes on threads of its own instead of torch's.
    """

    name: str
    size: int
    device: torch.device
    concurrent: bool
    compute: _Compute
    heads: Heads

    @property
    def own_threads(self) -> bool:
        return self.name in _OWN_THREADS

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> FeatureMaps:
        """Return the output of the network for images / 255, on `device`.

        Args:
            images: (B, 3, size, size) uint8 RGB, in any memory format.

        Raises:
            ValueError: on another shape or dtype.
        """
        expected = (3, self.size, self.size)
        if images.dim() != 4 or images.shape[1:] != expected or images.dtype != torch.uint8:
            raise ValueError(
                f"expected images (B, 3, {self.size}, {self.size}) of torch.uint8, got "
                f"{tuple(images.shape)} of {images.dtype}"
            )
        maps = self.compute(images.to(self.device))
        return FeatureMaps([level.float() for level in maps], self.heads)


def open_backend(
    chosen: str | Choice, network: YoloV5, size: int, device: torch.device | str
) -> Backend:
    """Prepare a network for inference.

    Args:
        chosen: a name of `BACKENDS`, or "auto" for the fastest that opens at once and gives eager's
            boxes: onednn on the CPU if torch has it, else channels_last; eager on other devices. A
            `Choice` has the arithmetic too; it is float32 otherwise. In bfloat16 auto is onednn on
            the CPU, channels_last on other devices.
        network: in any mode; it is copied.
        size: side of the images, in pixels.
        device: the computing device.

    Raises:
        UsageError: the backend is unknown, or does not support `device` or the arithmetic.
        MissingError: a package, a compiler, a library or the processor's arithmetic is missing.
    """
    place = torch.device(device)
    choice = Choice(chosen) if isinstance(chosen, str) else chosen
    name = choice.name
    if name != "auto" and name not in BACKENDS:
        known = ("auto", *BACKENDS)
        raise UsageError(
            f"backend={name}: expected one of {', '.join(known)}.{did_you_mean(name, known)}"
        )
    if name in _CPU_ONLY and place.type != "cpu":
        raise UsageError(f"backend={name} computes on the CPU only; choose device=cpu or auto")
    choice.check(place)
    ready = fused_for_bytes(network).to(place)
    heads = Heads(ready.head)
    dtype, openers = _ARITHMETIC[choice.precision]
    if name == "auto" and dtype == torch.float32:
        name = "channels_last" if place.type == "cpu" else "eager"
        found = onednn.opened(ready, size) if place.type == "cpu" else None
        if found is not None:
            compute = _from_bytes(found.features, torch.channels_last)
            return Backend("onednn", size, place, True, compute, heads)
    elif name == "auto":  # without oneDNN's kernels torch would emulate it
        name = "onednn" if place.type == "cpu" else "channels_last"
    return Backend(name, size, place, name not in _IN_TURN, openers[name](ready, size), heads)


def _from_bytes(
    features: _Compute,
    memory: torch.memory_format,
    dtype: torch.dtype = torch.float32,
) -> _Compute:
    def compute(images: Tensor) -> Sequence[Tensor]:
        return features(images.to(dtype, memory_format=memory))

    return compute


def _eager(network: YoloV5, size: int) -> _Compute:
    memory = torch.contiguous_format
    return _from_bytes(network.to(memory_format=memory).features, memory)


def _channels_last(network: YoloV5, size: int, dtype: torch.dtype = torch.float32) -> _Compute:
    memory = torch.channels_last
    return _from_bytes(network.to(dtype).to(memory_format=memory).features, memory, dtype)


def _onednn(network: YoloV5, size: int, dtype: torch.dtype = torch.float32) -> _Compute:
    found = onednn.opened(network, size, dtype)
    if found is None:
        short = dtype != torch.float32
        raise MissingError(
            f"backend=onednn needs oneDNN's fused convolutions{' in bfloat16' if short else ''}, "
            f"which torch {torch.__version__} does not have here; choose "
            f"{'backend_precision=float32' if short else 'backend=auto'}"
        )
    return _from_bytes(found.features, torch.channels_last, dtype)


def _compile(network: YoloV5, size: int) -> _Compute:
    """Compile with inductor and frozen weights; takes tens of seconds the first time.

    Compiling here, and not at the first image, reveals a missing compiler at once.
    """
    memory = torch.channels_last
    network = network.to(memory_format=memory)
    device = network.head.anchors.device
    compiled = torch.compile(runtimes.Features(network), dynamic=False, options={"freezing": True})
    compute = _from_bytes(compiled, memory)
    shades = torch.arange(3 * size * size, device=device) % 251
    image = shades.to(torch.uint8).view(1, size, size, 3).permute(0, 3, 1, 2)
    with torch.inference_mode():
        usual = network.features(image.float())
        try:
            ours = compute(image)
        except Exception as error:  # the kind depends on what is missing
            raise MissingError(
                "backend=compile needs a working C++ compiler, such as g++ with Python's headers "
                "(apt install g++ python3-dev), or backend=auto; compiling failed: "
                f"{_first_line(error)}"
            ) from error
    if not all(onednn.agree(level, other) for level, other in zip(ours, usual, strict=True)):
        raise MissingError(
            f"backend=compile: on this processor the compiler of torch {torch.__version__} makes a "
            "network with other numbers than the one it is given; choose backend=auto"
        )
    return compute


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


BACKENDS: dict[str, Callable[[YoloV5, int], _Compute]] = {
    "eager": _eager,
    "channels_last": _channels_last,
    "onednn": _onednn,
    "compile": _compile,
    "onnxruntime": runtimes.onnxruntime,
    "openvino": openvino.opened,
}
_SHORT: dict[str, Callable[[YoloV5, int], _Compute]] = {
    "channels_last": partial(_channels_last, dtype=torch.bfloat16),
    "onednn": partial(_onednn, dtype=torch.bfloat16),
    "openvino": partial(openvino.opened, precision="bf16"),
}
_ARITHMETIC = {"float32": (torch.float32, BACKENDS), "bfloat16": (torch.bfloat16, _SHORT)}
_CPU_ONLY = ("onednn", "onnxruntime", "openvino")
_OWN_THREADS = ("onnxruntime", "openvino")
# The number of their threads is fixed on opening.
_IN_TURN = ("compile", *_OWN_THREADS)
