"""The `nntasks` operator library: schemas, references, and the choice of implementation.

Every op is defined here twice from one schema: `nntasks::<op>`, to which the compiled library adds
CPU and CUDA kernels, and `nntasks::<op>.python`, to which it adds nothing. Both have the reference
as `CompositeExplicitAutograd` kernel, so torch's dispatcher falls back to it by itself wherever no
compiled kernel exists, and forcing the reference is choosing the other overload.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

MODES = ("auto", "native", "python")
VARIABLE = "NNTASKS_OPS"
FILE_VARIABLE = "NNTASKS_LIBRARY"  # another compiled library than those beside us, or "none"
NATIVE_FILES = ("_native.so", "_native_cuda.so")  # built by setup.py into this folder

_library = torch.library.Library("nntasks", "DEF")
_mode = "auto"
_loaded = False
_reason = "no compiled library"


def define(
    schema: str,
    reference: Callable[..., Any],
    fake: Callable[..., Any],
    *,
    setup_context: Callable[..., None] | None = None,
    backward: Callable[..., Any] | None = None,
    vmap: Callable[..., Any] | None = None,
) -> None:
    """Define an op with its reference, its fake kernel and, where it has them, gradient and vmap.

    Args:
        schema: as for `torch.library`, without namespace: `"nms(Tensor boxes, ...) -> Tensor"`.
        reference: the PyTorch implementation, used on every device without a compiled kernel.
        fake: shapes and dtypes only, for `torch.compile` and meta tensors.
        setup_context: saves what `backward` needs; see `torch.library.register_autograd`.
        backward: the gradient; both implementations get the same one.
        vmap: as for `torch.library.register_vmap`, after the name of the overload.
    """
    name, _, arguments = schema.partition("(")
    for overload in (name, f"{name}.python"):
        _library.define(f"{overload}({arguments}")
        _library.impl(overload, reference, "CompositeExplicitAutograd")
        torch.library.register_fake(f"nntasks::{overload}", fake, lib=_library)
        if backward is not None:
            torch.library.register_autograd(
                f"nntasks::{overload}", backward, setup_context=setup_context, lib=_library
            )
        if vmap is not None:
            torch.library.register_vmap(f"nntasks::{overload}", partial(vmap, name), lib=_library)


def op(name: str) -> Callable[..., Any]:
    """Return the overload of `nntasks::<name>` that the current mode asks for."""
    packet = getattr(torch.ops.nntasks, name)
    return packet.python if _mode == "python" else packet.default


def native_available() -> bool:
    """Return whether the compiled library is present and loaded."""
    return _loaded


def active() -> str:
    """Return which kernels serve the ops: "native", "python", or "python (<why>)"."""
    if _mode == "python":
        return "python"
    return "native" if _loaded else f"python ({_reason})"


@contextmanager
def use(mode: str) -> Iterator[None]:
    """Choose the implementation inside a `with` block, for the whole process.

    Args:
        mode: "python" for the references, "native" for the compiled kernels (an error where there
            are none), "auto" for compiled kernels where they exist.

    Raises:
        ValueError: if `mode` is none of these.
        RuntimeError: if `mode` is "native" and there is no compiled library.
    """
    global _mode
    checked, before = _checked_mode(mode, "nntasks.ops.use"), _mode
    _mode = checked
    try:
        yield
    finally:
        _mode = before


def _checked_mode(mode: str, source: str) -> str:
    if mode not in MODES:
        raise ValueError(f"{source}: expected one of {', '.join(MODES)}, got {mode!r}")
    if mode == "native" and not _loaded:
        raise RuntimeError(
            f"{source}: native kernels asked for, but there are none ({_reason}); build them with "
            "`pip install --no-build-isolation -e .`, or choose python or auto"
        )
    return mode


def _files() -> list[Path]:
    """Return the compiled libraries to load."""
    chosen = os.environ.get(FILE_VARIABLE)
    if chosen == "none":
        return []
    if chosen:
        return [Path(chosen)]
    here = Path(__file__).resolve().parent
    return [here / name for name in NATIVE_FILES if (here / name).exists()]


def _load() -> None:
    global _loaded, _reason
    for file in _files():
        try:
            torch.ops.load_library(file)
        except OSError as error:
            _reason = f"{file.name} does not load"
            warnings.warn(f"{file} does not load, using Python references: {error}", stacklevel=2)
        else:
            _loaded = True


def initialise() -> None:
    """Load the compiled libraries and read `NNTASKS_OPS`; called once, by `nntasks.ops`."""
    global _mode
    _load()
    _mode = _checked_mode(os.environ.get(VARIABLE, "auto") or "auto", VARIABLE)


initialise()
