"""A disk that fails while a test writes."""

from __future__ import annotations

import errno
import os


def full_disk(monkeypatch, *, after=0):
    """Let the disk be full once `after` files were written."""
    flush, count = os.fsync, [0]

    def fsync(number):
        count[0] += 1
        if count[0] > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(number)

    monkeypatch.setattr(os, "fsync", fsync)
