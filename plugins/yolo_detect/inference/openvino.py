"""The network in OpenVINO, by way of ONNX.

OpenVINO has threads of its own, whose number is fixed on opening. Left alone, it computes in
bfloat16 on processors that have it; so the arithmetic is always named.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from nntasks.errors import MissingError
from nntasks.machine.forked import allowed_cores
from nntasks.plugins.yolo_detect.inference.runtimes import ONNX, exported, needed
from nntasks.plugins.yolo_detect.network import YoloV5

_Compute = Callable[[Tensor], Sequence[Tensor]]


def opened(network: YoloV5, size: int, precision: str = "f32") -> _Compute:
    """Open the network in OpenVINO.

    It reads ONNX itself. Its converter of torch modules is left alone, as that reports its use.

    Args:
        network: fused for bytes, on the CPU.
        size: side of the images, in pixels.
        precision: "f32" or "bf16", in OpenVINO's words.

    Returns:
        what computes the feature maps of images (B, 3, size, size) uint8; one thread at a time.

    Raises:
        MissingError: a package is missing, or the processor lacks what OpenVINO needs.
    """
    runtime = needed("openvino", "openvino", "openvino", *ONNX)
    core = runtime.Core()
    program = core.read_model(exported(network, size))
    settings = _settings(precision, torch.get_num_threads())

    @functools.cache
    def compiled(count: int) -> Any:
        """Compile for a number of images: sizes known beforehand save 2 % of the time."""
        try:
            return core.compile_model(_for_bytes(runtime, program, count, size), "CPU", settings)
        except RuntimeError as error:
            raise MissingError(
                f"backend=openvino: OpenVINO cannot compute the network in {precision} on this "
                "processor; choose backend=auto and backend_precision=float32"
            ) from error

    def compute(images: Tensor) -> Sequence[Tensor]:
        ready = compiled(len(images))
        # photographs are read as rows of pixels, so that nothing is copied
        outputs = ready([images.permute(0, 2, 3, 1).contiguous().numpy()], share_inputs=True)
        return [torch.from_numpy(outputs[port]) for port in ready.outputs]

    compiled(1)
    return compute


def _settings(precision: str, threads: int) -> dict[str, Any]:
    """Return the settings of the compiled program.

    Where the program has all cores, each thread is bound to one: threads that the system leaves on
    one core for a while take two and a half times as long. Where it has some of the cores, two
    processes would be bound to the same ones.
    """
    return {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": threads >= allowed_cores() > 1,
    }


def _for_bytes(runtime: Any, program: Any, count: int, size: int) -> Any:
    """Return the program for images (count, size, size, 3): the colours of a pixel lie together."""
    shaped = program.clone()
    shaped.reshape([count, 3, size, size])
    steps = runtime.preprocess.PrePostProcessor(shaped)
    images = steps.input()
    images.tensor().set_layout(runtime.Layout("NHWC"))
    images.model().set_layout(runtime.Layout("NCHW"))
    return steps.build()
