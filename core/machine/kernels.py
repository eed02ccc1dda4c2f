"""Check the kernels that the environment requests, before any verb runs."""

from __future__ import annotations

import os

from nntasks.errors import UsageError

_NEEDS_NO_CHECK = ("", "auto", "python")  # light verbs do not import torch


def check_choice() -> None:
    """Raise UsageError if NNTASKS_OPS is not a mode, or is "native" and no native library loads."""
    if os.environ.get("NNTASKS_OPS", "") in _NEEDS_NO_CHECK:
        return
    try:
        import nntasks.ops  # noqa: F401 - reads the variable
    except ImportError:
        return  # without torch there are no kernels; verbs that need them report it
    except (ValueError, RuntimeError) as error:
        raise UsageError(str(error)) from error
