"""The `nntasks` operator library: schemas, references, and the choice of implementation.

Every op is defined here twice from one schema: `nntasks::<op>`, to which the compiled library adds
CPU and CUDA kernels, and `nntasks::<op>.python`, to which it adds nothing. Both have the reference
as their `CompositeExplicitAutograd` kernel, so torch's dispatcher falls back to it wherever there
is no compiled kernel. Calling the other overload forces the reference.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from nntasks.ops._shared_file import why_not_loadable

MODES = ("auto", "native", "python")
VARIABLE = "NNTASKS_OPS"
FILE_VARIABLE = "NNTASKS_LIBRARY"  # path of a compiled library to use instead, or "none"
NATIVE_FILES = ("_native.so", "_native_cuda.so")  # built by setup.py into this folder


def _known_mode(mode: str, source: str) -> str:
    if mode not in MODES:
        raise ValueError(f"{source}: expected one of {', '.join(MODES)}, got {mode!r}")
    return mode


_mode = _known_mode(os.environ.get(VARIABLE, "") or "auto", VARIABLE)  # before anything is defined
_library = torch.library.Library("nntasks", "DEF")
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
    """Define an op with its reference, its fake kernel and optionally its gradient and vmap.

    Args:
        schema: as for `torch.library`, without namespace: `"nms(Tensor boxes, ...) -> Tensor"`.
        reference: the PyTorch implementation, used on every device without a compiled kernel.
        fake: shapes and dtypes only, for `torch.compile` and meta tensors.
        setup_context: saves what `backward` needs; see `torch.library.register_autograd`.
        backward: the gradient, used for both implementations.
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
    """Return the overload of `nntasks::<name>` for the current mode."""
    packet = getattr(torch.ops.nntasks, name)
    return packet.python if _mode == "python" else packet.default


def mode() -> str:
    """Return the current mode: "auto", "native" or "python"."""
    return _mode


def native_available() -> bool:
    """Return whether the compiled library is present and loaded."""
    return _loaded


def has_kernel(name: str, device: str) -> bool:
    """Return whether a compiled kernel of an op serves a type of device, such as "cuda"."""
    key = {"cpu": "CPU", "cuda": "CUDA"}.get(device, device)
    found = torch._C._dispatch_has_kernel_for_dispatch_key(f"nntasks::{name}", key)
    return _mode != "python" and bool(found)


def active() -> str:
    """Return which kernels serve the ops: "native", "python", or "python (<why>)"."""
    if _mode == "python":
        return "python"
    return "native" if _loaded else f"python ({_reason})"


@contextmanager
def use(mode: str) -> Iterator[None]:
    """Select the implementation inside a `with` block, for the whole process.

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
    if _known_mode(mode, source) == "native" and not _loaded:
        raise RuntimeError(
            f"{source}: native kernels are required but missing ({_reason}); build "
            "them with `pip install --no-build-isolation -e .`, or choose python or auto"
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
        reason = why_not_loadable(file) or _why_it_does_not_load(file)
        if reason:
            _reason = f"{file.name} does not load"
            _notice(f"nntasks: {file} does not load ({reason}); the Python references serve")
        else:
            _loaded = True


def _why_it_does_not_load(file: Path) -> str:
    """Load a library; return the error as one line, or an empty text."""
    try:
        torch.ops.load_library(file)
    except (OSError, RuntimeError) as error:  # RuntimeError: kernels of an undefined op
        cause = error.__cause__ or error
        return next(iter(str(cause).strip().splitlines()), type(error).__name__)[:200]
    return ""


def _notice(line: str) -> None:
    """Log one line, to stderr unless the program configured logging; once per process."""
    if os.environ.get("RANK", "0") == "0" and multiprocessing.parent_process() is None:
        logging.getLogger("nntasks.ops").warning(line)


def initialise() -> None:
    """Load the compiled libraries and check `NNTASKS_OPS` against them."""
    _load()
    _checked_mode(_mode, VARIABLE)


initialise()
