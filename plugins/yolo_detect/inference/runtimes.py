"""The network in other programs: ONNX Runtime and OpenVINO, both by way of ONNX.

Both have threads of their own, whose number is fixed on opening. Neither is asked for shorter
floats than float32: left alone, OpenVINO computes in bfloat16 on processors that have it.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nntasks.errors import MissingError
from nntasks.plugins.yolo_detect.network import YoloV5

_Compute = Callable[[Tensor], Sequence[Tensor]]
_ONNX = ("onnx", "onnxscript")


def onnxruntime(network: YoloV5, size: int) -> _Compute:
    """Open the network in ONNX Runtime.

    Args:
        network: fused for bytes, on the CPU.
        size: side of the images, in pixels.

    Returns:
        what computes the feature maps of images (B, 3, size, size) uint8.

    Raises:
        MissingError: a package is missing.
    """
    runtime = _needed("onnxruntime", "export", "onnxruntime", *_ONNX)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors
    session = runtime.InferenceSession(
        _exported(network, size), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name

    def compute(images: Tensor) -> Sequence[Tensor]:
        outputs = session.run(None, {name: images.contiguous().numpy()})
        return [torch.from_numpy(output) for output in outputs]

    return compute


def openvino(network: YoloV5, size: int) -> _Compute:
    """Open the network in OpenVINO; see `onnxruntime`.

    It reads ONNX itself. Its converter of torch modules is left alone, as that reports its use.
    """
    runtime = _needed("openvino", "openvino", "openvino", *_ONNX)
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": 1,
    }
    program = runtime.Core().read_model(_exported(network, size))
    compiled = runtime.Core().compile_model(program, "CPU", settings)
    request = compiled.create_infer_request()

    def compute(images: Tensor) -> Sequence[Tensor]:
        outputs = request.infer([images.contiguous().numpy()], share_inputs=True)
        return [torch.from_numpy(outputs[port]) for port in compiled.outputs]

    return compute


class Features(nn.Module):
    """The network without its heads, for images in 0..255 of any dtype."""

    def __init__(self, network: YoloV5) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Sequence[Tensor]:
        return self.network.features(images.float())


def _exported(network: YoloV5, size: int) -> bytes:
    """Return the network for any batch of bytes as an ONNX program."""
    example = torch.zeros((2, 3, size, size), dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            Features(network).eval(),
            (example,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            verbose=False,
        )
    return program.model_proto.SerializeToString()


def _needed(backend: str, extra: str, *packages: str) -> Any:
    """Import the packages that a backend needs, and return the first."""
    found = []
    for package in packages:
        try:
            found.append(importlib.import_module(package))
        except ImportError as error:
            raise MissingError(
                f"backend={backend} needs the package {package}: pip install 'nntasks[{extra}]'"
            ) from error
    return found[0]
