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
# relative to the largest feature
_CLOSE = {torch.float32: 1e-4, torch.bfloat16: 0.1}


def opened(network: YoloV5, size: int, dtype: torch.dtype = torch.float32) -> YoloV5 | None:
    """Return the network with its features on oneDNN, for one size of input.

    They take (B, 3, size, size) of `dtype` in channels-last memory.

    Args:
        network: fused, for pixels in 0..255, float32, on the CPU; not changed.
        size: side of the input.
        dtype: float32 or bfloat16.

    Returns:
        the network, or None if this torch lacks these convolutions, or they do not agree with its
        usual ones in float32.
    """
    if not torch.backends.mkldnn.is_available():
        return None
    usual = copy.deepcopy(network).to(memory_format=_LAST)
    pixels = torch.linspace(0, 255, 3 * size * size).view(1, size, size, 3).permute(0, 3, 1, 2)
    with torch.inference_mode():
        try:
            ours = _translated(copy.deepcopy(usual).to(dtype))
            pairs = list(zip(ours.features(pixels.to(dtype)), usual.features(pixels), strict=True))
        except (AttributeError, NotImplementedError, RuntimeError, TypeError):
            return None
    return ours if all(agree(a, b) for a, b in pairs) else None


def agree(ours: Tensor, usual: Tensor) -> bool:
    """Return whether features equal the usual ones up to the rounding of their dtype."""
    largest = float(usual.abs().nan_to_num(0).max())
    limit = _CLOSE[ours.dtype] * largest
    return torch.allclose(ours.float(), usual, rtol=0, atol=limit, equal_nan=True)


def _translated(network: YoloV5) -> YoloV5:
    """Replace all convolutions except the heads by oneDNN's."""
    for layer in list(network.modules()):
        for name, child in layer.named_children():
            if isinstance(child, C3):
                setattr(layer, name, InPlaceC3(child))
            elif isinstance(child, Conv):
                setattr(layer, name, OneDnnConv(child.conv))
            elif isinstance(child, nn.MaxPool2d):
                setattr(layer, name, _by_rows_and_columns(child))
    return network


def _by_rows_and_columns(pool: nn.MaxPool2d) -> nn.Sequential:
    """Return a pooling of step 1 in two: the same maxima, for 5 x 5 with a third less work."""
    side, edge = pool.kernel_size, pool.padding
    assert isinstance(side, int)
    assert isinstance(edge, int)
    return nn.Sequential(
        nn.MaxPool2d((side, 1), 1, (edge, 0)), nn.MaxPool2d((1, side), 1, (0, edge))
    )


class InPlaceC3(nn.Module):
    """A C3 block that keeps both branches in one feature map and needs no concatenation.

    One convolution computes both branches. The first half of its output goes through the
    bottlenecks and comes back to its place. The last convolution then reads the map. The result is
    C3's to the bit.

    Args:
        block: fused.
    """

    def __init__(self, block: C3) -> None:
        super().__init__()
        weights, biases = zip(*map(_parameters, (block.cv1, block.cv2)), strict=True)
        self.hidden = len(biases[0])
        self.both = _pointwise(torch.cat(weights), torch.cat(biases))
        self.steps = [_step(bottleneck) for bottleneck in block.m]  # type: ignore[arg-type]
        self.last = OneDnnConv(block.cv3.conv)

    def forward(self, x: Tensor) -> Tensor:
        joined = self.both(x)
        place = joined[:, : self.hidden]
        branch = place.contiguous(memory_format=_LAST)  # oneDNN needs dense memory
        for narrow, wide, shortcut in self.steps[:-1]:
            computed = wide(narrow(branch))
            branch = branch.add_(computed) if shortcut else computed
        narrow, wide, shortcut = self.steps[-1]
        computed = wide(narrow(branch))
        if shortcut:
            torch.add(branch, computed, out=place)
        else:
            place.copy_(computed)
        return self.last(joined)


def _step(bottleneck: Bottleneck) -> tuple[OneDnnConv, OneDnnConv, bool]:
    narrow, wide = OneDnnConv(bottleneck.cv1.conv), OneDnnConv(bottleneck.cv2.conv)
    return narrow, wide, bottleneck.shortcut


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
