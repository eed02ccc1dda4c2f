"""The kernels that the environment asks for, checked before any verb does its work."""

from __future__ import annotations

import os

from nntasks.errors import UsageError

_NEEDS_NO_CHECK = ("", "auto", "python")  # so that light verbs need not import torch


def check_choice() -> None:
    """Raise UsageError if NNTASKS_OPS is no mode, or is "native" and nothing native loads."""
    if os.environ.get("NNTASKS_OPS", "") in _NEEDS_NO_CHECK:
        return
    try:
        import nntasks.ops  # noqa: F401 - reads the variable
    except ImportError:
        return  # without torch there are no kernels to choose; who needs them says so
    except (ValueError, RuntimeError) as error:
        raise UsageError(str(error)) from error
