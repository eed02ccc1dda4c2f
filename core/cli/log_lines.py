"""Warnings on the terminal: one line each, without control characters."""

from __future__ import annotations

import logging

from nntasks.report.formatting import clean


class CleanLines(logging.Formatter):
    """Formats a record so that a file's name cannot garble the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


def clean_warnings() -> None:
    """Clean what `logging` writes to stderr where the user has set up nothing else."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(CleanLines())
