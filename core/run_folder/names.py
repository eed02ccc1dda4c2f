"""The names of run folders: when a run began, and a random number, so that no two are equal."""

from __future__ import annotations

import re
import secrets
import time

_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def new_name() -> str:
    """Return the name of a run that begins now: `20260131-235959-0a1b2c`."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def is_run_name(name: str) -> bool:
    """Return whether a folder of this name was made for a run, whatever is left of it."""
    return _NAME.fullmatch(name) is not None
