"""The words for a place that cannot be written, the same everywhere."""

from __future__ import annotations

from pathlib import Path


def cannot_write(place: Path, error: OSError, remedy: str) -> str:
    """Return "cannot write PLACE: reason; remedy" in one line."""
    return f"cannot write {place}: {error.strerror or error}; {remedy}"
