"""The fused network on oneDNN's convolutions with SiLU in them: float32, CPU, channels last.

The arithmetic is that of the fused network; rounding apart, so are the outputs. What is saved is
memory traffic and set-up: SiLU is applied while a convolution's output is in registers, and weights
are laid out for oneDNN once, not at each call.

torch has these convolutions for its own compiler (`torch.ops.mkldnn`) and does not promise to keep
them. So `opened` compares them with torch's usual ones before anything is computed with them.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from plugins.yolo_detect.network import Conv, YoloV5

_LAST = torch.channels_last
_CLOSE = 1e-4  # of the largest feature


def opened(network: YoloV5, size: int) -> YoloV5 | None:
    """Return the network with its features on oneDNN, for one size of input.

    They take (B, 3, size, size) float32 in channels-last memory.

    Args:
        network: fused, for pixels in 0..255, float32, on the CPU; it is left as it is.
        size: side of the input.

    Returns:
        the network, or None where this torch has no such convolutions, or they do not agree with
        its usual ones.
    """
    if not torch.backends.mkldnn.is_available():
        return None
    usual = copy.deepcopy(network).to(memory_format=_LAST)
    pixels = torch.linspace(0, 255, 3 * size * size).view(1, size, size, 3).permute(0, 3, 1, 2)
    with torch.inference_mode():
        try:
            ours = _translated(copy.deepcopy(usual))
            pairs = list(zip(ours.features(pixels), usual.features(pixels), strict=True))
        except (AttributeError, NotImplementedError, RuntimeError, TypeError):
            return None
    return ours if all(_agree(a, b) for a, b in pairs) else None


def _agree(ours: Tensor, usual: Tensor) -> bool:
    largest = float(usual.abs().nan_to_num(0).max())
    return torch.allclose(ours, usual, rtol=0, atol=_CLOSE * largest, equal_nan=True)


def _translated(network: YoloV5) -> YoloV5:
    """Put oneDNN's convolutions in the place of all others but the heads."""
    for layer in network.modules():
        if isinstance(layer, Conv):
            layer.conv = OneDnnConv(layer.conv)  # type: ignore[assignment]
            layer.act = nn.Identity()  # type: ignore[assignment]
    return network


class OneDnnConv(nn.Module):
    """A convolution followed by SiLU, whose weights are laid out in advance.

    Args:
        conv: dense, with bias; weights in channels-last memory.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self._weight, self._bias = conv.weight.detach(), conv.bias
        self._geometry = (list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups)
        self._packed: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self._packed is None:  # the best layout depends on the size of the input
            self._packed = torch.ops.mkldnn._reorder_convolution_weight(
                self._weight, *self._geometry, list(x.shape)
            )
        return torch.ops.mkldnn._convolution_pointwise(
            x, self._packed, self._bias, *self._geometry, "swish", [], ""
        )
