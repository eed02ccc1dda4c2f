"""Folding batch norms into the convolutions before them, for inference."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from nntasks.plugins.yolo_detect.network import Conv, YoloV5


def fused(network: YoloV5) -> YoloV5:
    """Return a copy for inference with every convolution and its batch norm as one convolution.

    The outputs are those of the network in eval mode, up to rounding. The copy is in eval mode,
    has no gradients, and cannot be trained, because it has no batch statistics. The original is
    unchanged.

    Args:
        network: on any device, in any mode; it may be fused already.
    """
    result = copy.deepcopy(network).eval().requires_grad_(False)
    for layer in result.modules():
        if isinstance(layer, Conv) and isinstance(layer.bn, nn.BatchNorm2d):
            layer.conv = _joined(layer.conv, layer.bn)
            layer.bn = nn.Identity().eval()
    return result


def fused_for_bytes(network: YoloV5) -> YoloV5:
    """Return the fused network for pixels in 0..255 instead of 0..1; its first weights are scaled.

    This saves a pass over the pixels and its rounding: 0 to 255 are exact in any format.
    """
    result = fused(network)
    first = result.model[0].conv
    assert isinstance(first, nn.Conv2d)
    first.weight.div_(255)
    return result


def _joined(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Return the convolution whose output is norm(conv(x))."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    # Double precision limits folding to one rounding instead of three.
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    weight = conv.weight.double() * scale.view(-1, 1, 1, 1)
    bias = norm.bias.double() - norm.running_mean.double() * scale
    if conv.bias is not None:
        bias += conv.bias.double() * scale
    return _convolution(conv, weight.to(conv.weight.dtype), bias.to(conv.weight.dtype))


def _convolution(like: nn.Conv2d, weight: Tensor, bias: Tensor) -> nn.Conv2d:
    """Return a convolution of the same geometry with other weights."""
    result = nn.Conv2d(
        like.in_channels,
        like.out_channels,
        like.kernel_size,  # type: ignore[arg-type]
        like.stride,  # type: ignore[arg-type]
        like.padding,  # type: ignore[arg-type]
        like.dilation,  # type: ignore[arg-type]
        like.groups,
        device="meta",
    )
    memory = torch.contiguous_format
    if like.weight.is_contiguous(memory_format=torch.channels_last):
        memory = torch.channels_last
    result.weight = nn.Parameter(weight.contiguous(memory_format=memory), requires_grad=False)
    result.bias = nn.Parameter(bias, requires_grad=False)
    return result.eval()
