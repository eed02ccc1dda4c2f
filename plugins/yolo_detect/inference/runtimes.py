"""The network in other programs, by way of ONNX: ONNX Runtime here, OpenVINO in `openvino`."""

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
ONNX = ("onnx", "onnxscript")


def onnxruntime(network: YoloV5, size: int) -> _Compute:
    """Open the network in ONNX Runtime, which has threads of its own.

    Args:
        network: fused for bytes, on the CPU.
        size: side of the images, in pixels.

    Returns:
        what computes the feature maps of images (B, 3, size, size) uint8.

    Raises:
        MissingError: a package is missing.
    """
    runtime = needed("onnxruntime", "export", "onnxruntime", *ONNX)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors
    session = runtime.InferenceSession(
        exported(network, size), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name

    def compute(images: Tensor) -> Sequence[Tensor]:
        outputs = session.run(None, {name: images.contiguous().numpy()})
        return [torch.from_numpy(output) for output in outputs]

    return compute


class Features(nn.Module):
    """The network without its heads, for images in 0..255 of any dtype."""

    def __init__(self, network: YoloV5) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Sequence[Tensor]:
        return self.network.features(images.float())


def exported(network: YoloV5, size: int) -> bytes:
    """Return the network as an ONNX program, for images (B, 3, size, size) uint8."""
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


def needed(backend: str, extra: str, *packages: str) -> Any:
    """Import the packages that a backend needs, and return the first.

    Raises:
        MissingError: one is missing; says how to install all.
    """
    found = []
    for package in packages:
        try:
            found.append(importlib.import_module(package))
        except ImportError as error:
            raise MissingError(
                f"backend={backend} needs the package {package}: pip install 'nntasks[{extra}]'"
            ) from error
    return found[0]
