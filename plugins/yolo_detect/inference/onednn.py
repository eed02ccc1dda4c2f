"""The fused network on oneDNN's convolutions with fused SiLU: float32, CPU, channels last.

Outputs are those of the fused network up to rounding. It saves memory traffic and set-up: SiLU is
applied while a convolution's output is in registers, weights are laid out for oneDNN once instead
of at each call, and a C3 block works in place in its joined feature map.

torch has these convolutions for its own compiler (`torch.ops.mkldnn`) and may remove them. So
`opened` compares them with torch's usual convolutions before use.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from nntasks.plugins.yolo_detect.network import C3, Bottleneck, Conv, YoloV5

_LAST = torch.channels_last
_CLOSE = 1e-4  # relative to the largest feature


def opened(network: YoloV5, size: int) -> YoloV5 | None:
    """Return the network with its features on oneDNN, for one size of input.

    They take (B, 3, size, size) float32 in channels-last memory.

    Args:
        network: fused, for pixels in 0..255, float32, on the CPU; not changed.
        size: side of the input.

    Returns:
        the network, or None if this torch lacks these convolutions, or they do not agree with its
        usual ones.
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
    """Replace all convolutions except the heads by oneDNN's."""
    for number, layer in enumerate(network.model):
        if isinstance(layer, C3):
            network.model[number] = InPlaceC3(layer)
    for layer in network.modules():
        if isinstance(layer, Conv):
            layer.conv = OneDnnConv(layer.conv)  # type: ignore[assignment]
            layer.act = nn.Identity()  # type: ignore[assignment]
    return network


class InPlaceC3(nn.Module):
    """A C3 block that keeps both branches in one feature map and needs no concatenation.

    One convolution computes both branches. The bottlenecks replace the first half of its output
    step by step. The last convolution then reads the map. The result is C3's to the bit.

    Args:
        block: fused.
    """

    def __init__(self, block: C3) -> None:
        super().__init__()
        weights, biases = zip(*map(_parameters, (block.cv1, block.cv2)), strict=True)
        self.hidden = len(biases[0])
        self.both = _pointwise(torch.cat(weights), torch.cat(biases))
        self.steps = nn.ModuleList(_Step(bottleneck) for bottleneck in block.m)  # type: ignore[arg-type]
        self.last = OneDnnConv(block.cv3.conv)

    def forward(self, x: Tensor) -> Tensor:
        joined = self.both(x)
        branch = joined[:, : self.hidden]
        for step in self.steps:
            step(joined, branch)
        return self.last(joined)


class _Step(nn.Module):
    """A bottleneck of `InPlaceC3`."""

    def __init__(self, bottleneck: Bottleneck) -> None:
        super().__init__()
        weight, bias = _parameters(bottleneck.cv1)
        # oneDNN needs dense memory; zero weights let it read the whole map but use only half.
        self.narrow = _pointwise(torch.cat([weight, torch.zeros_like(weight)], dim=1), bias)
        self.wide = OneDnnConv(bottleneck.cv2.conv)
        self.shortcut = bottleneck.shortcut

    def forward(self, joined: Tensor, branch: Tensor) -> None:
        computed = self.wide(self.narrow(joined))
        if self.shortcut:
            branch.add_(computed)
        else:
            branch.copy_(computed)


def _parameters(fused: Conv) -> tuple[Tensor, Tensor]:
    weight, bias = fused.conv.weight, fused.conv.bias
    assert bias is not None, "a fused convolution has one"
    return weight.detach(), bias.detach()


def _pointwise(weight: Tensor, bias: Tensor) -> OneDnnConv:
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], 1)
    conv.weight, conv.bias = nn.Parameter(weight), nn.Parameter(bias)
    return OneDnnConv(conv.to(memory_format=_LAST))


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
