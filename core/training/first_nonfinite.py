"""Find the layer, the tensor and the operation that first give a value that is not finite.

Every operation of a step, forward and backward, is checked while torch's anomaly detection is on.
An operation counts if its inputs are finite and its result is not.
"""

from __future__ import annotations

import contextlib
import math
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nntasks.training.black_box import Cause

_UNWRITTEN = ("empty", "new_empty", "full", "new_full", "resize")  # contents say nothing
_TORCH = str(Path(torch.__file__).parent)


def first_nonfinite(module: nn.Module, step: Callable[[], None]) -> Cause | None:
    """Run a step of a module again and return the first value that is not finite.

    Args:
        module: what `step` calls; its parameters must be finite before it.
        step: computes the loss and its gradients, without an update.
    """
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if not _finite(tensor):
            return Cause(name, "a value before the step", "the update", _described(tensor))
    watch = _Watch()
    with _layers_named(module, watch), _anomalies() as seen, watch:
        try:
            step()
        except RuntimeError as error:  # raised by anomaly detection
            seen.append(str(error).splitlines()[0])
    if watch.found is not None:
        return watch.found
    if seen:
        return Cause("an unknown layer", "a gradient", seen[0])
    return _of_gradients(module)


def _of_gradients(module: nn.Module) -> Cause | None:
    """Look at the gradients of parameters: at their sums over pieces, and at their norm."""
    gradients = {n: p.grad for n, p in module.named_parameters() if p.grad is not None}
    for name, gradient in gradients.items():
        if not _finite(gradient):
            return Cause(name, "the gradient", "", _described(gradient))
    if gradients:
        name = max(gradients, key=lambda name: _largest(gradients[name]))
        if not math.isfinite(float(gradients[name].norm())):
            detail = f"largest value {_largest(gradients[name]):.4g}, whose square overflows"
            return Cause(name, "the norm of the gradient", "sum of squares", detail)
    return None


class _Watch(TorchDispatchMode):
    """Checks the result of every operation until one is not finite."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: Cause | None = None
        self.layers: list[str] = []  # the layers that are computing, outermost first
        self.last = ""  # the layer whose gradient was computed last

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.found is not None:
            return func(*args, **(kwargs or {}))
        inputs = [t for t in tree_leaves((args, kwargs)) if _is_float(t)]
        largest = max((_largest(t) for t in inputs), default=0.0)
        result = func(*args, **(kwargs or {}))
        name = str(func).removesuffix(".default")
        if name.partition(".")[2].startswith(_UNWRITTEN) or largest == float("inf"):
            return result
        for tensor in tree_leaves(result):
            if _is_float(tensor) and not _finite(tensor):
                self.found = self._cause(name, tensor, largest)
                break
        return result

    def _cause(self, name: str, tensor: Tensor, largest: float) -> Cause:
        detail = f"{_described(tensor)}, largest input {largest:.4g}{_source()}"
        backward = torch._C._current_autograd_node() is not None
        if backward:
            node = torch._C._current_autograd_node().name()
            return Cause(self.last or "the loss", "a gradient", f"{node}, {name}", detail)
        if self.layers:
            return Cause(self.layers[-1], "the output", name, detail)
        return Cause("the loss", "a value", name, detail)


@contextlib.contextmanager
def _layers_named(module: nn.Module, watch: _Watch) -> Iterator[None]:
    """Tell `watch` which layer computes, and which gradient was computed last."""
    handles: list[Any] = []
    outputs: dict[int, Tensor] = {}  # keeps them, so that no other tensor gets their number
    for name, layer in module.named_modules():
        label = f"{name or 'the network'} ({type(layer).__name__})"

        def enter(layer: Any, inputs: Any, label: str = label) -> None:
            watch.layers.append(label)

        def leave(layer: Any, inputs: Any, output: Any, label: str = label) -> None:
            if watch.layers:
                watch.layers.pop()
            for tensor in tree_leaves(output):
                # The output of a container is that of its last layer.
                if _is_float(tensor) and tensor.requires_grad and id(tensor) not in outputs:
                    outputs[id(tensor)] = tensor
                    tensor.register_hook(lambda gradient: setattr(watch, "last", label))

        handles += [layer.register_forward_pre_hook(enter), layer.register_forward_hook(leave)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextlib.contextmanager
def _anomalies() -> Iterator[list[str]]:
    """Turn on torch's anomaly detection; its warnings with tracebacks are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torch.autograd.set_detect_anomaly(True):
            yield []


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and (value.is_floating_point() or value.is_complex())


def _finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(torch.isfinite(tensor.detach()).all())


def _largest(tensor: Tensor) -> float:
    """Return the largest magnitude; infinity also for NaN."""
    if not tensor.numel():
        return 0.0
    found = float(tensor.detach().abs().max())
    return found if found == found else float("inf")


def _described(tensor: Tensor) -> str:
    values = tensor.detach()
    nan, infinite = int(torch.isnan(values).sum()), int(torch.isinf(values).sum())
    return f"shape {tuple(values.shape)}, {nan} NaN, {infinite} infinite of {values.numel()}"


def _source() -> str:
    """Return the line of code outside of torch that called the operation."""
    for frame in reversed(traceback.extract_stack()):
        if not frame.filename.startswith(_TORCH) and frame.filename != __file__:
            return f", {Path(frame.filename).name}:{frame.lineno}: {frame.line}"
    return ""
