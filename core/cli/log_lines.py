"""Warnings in the terminal: one line each, without control characters."""

from __future__ import annotations

import logging

from nntasks.report.formatting import clean


class CleanLines(logging.Formatter):
    """Formats a record without the control characters that a file name may contain."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


def clean_warnings() -> None:
    """Clean the lines that `logging` writes to stderr by default."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(CleanLines())
