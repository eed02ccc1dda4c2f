"""The message for a path that cannot be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from nntasks.storage.failures import cannot_write


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a/b.tmp"),
            "cannot write a/b: No space left on device; free some",
        ),
        (OSError("of a driver"), "cannot write a/b: of a driver; free some"),
    ],
)
def test_place_reason_and_remedy(error, line):
    assert cannot_write(Path("a/b"), error, "free some") == line
