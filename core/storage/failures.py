"""The shared message for a path that cannot be written."""

from __future__ import annotations

from pathlib import Path


def cannot_write(place: Path, error: OSError, remedy: str) -> str:
    """Return "cannot write PLACE: reason; remedy" in one line."""
    return f"cannot write {place}: {error.strerror or error}; {remedy}"
