"""The one-file HTML report of many runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.interfaces.report_data import Figure, ReportContent, Table
from nntasks.storage import atomic_write

_REMEDY = "choose another --out"
_MARK = b'<meta name="generator" content="nntasks">'  # in every page of ours
_HEAD = 4096  # bytes of a page that hold it


def require_own(path: Path) -> None:
    """Raise UsageError if a report would replace something that is no report of ours."""
    if not os.path.lexists(path):
        return
    try:
        with path.open("rb") as file:
            is_ours = _MARK in file.read(_HEAD)
    except OSError:  # a folder, or a file that cannot be read
        is_ours = False
    if not is_ours:
        raise UsageError(f"{path} was not written by nntasks; move it, or choose another --out")


def write_html(
    path: Path, content: ReportContent, *, findings: Sequence[str], figures: Sequence[Figure]
) -> None:
    """Draw the figures and write the report; a figure that fails becomes a warning.

    Args:
        path: the file.
        content: the report without its findings and figures.
        findings: sentences, the rows of the first table.
        figures: are drawn here.
    """
    from nntasks.report.drawing import draw_all
    from nntasks.report.html import render_report

    pictures, problems = draw_all(figures)
    first = Table("findings", "Findings", ("finding",), [(sentence,) for sentence in findings])
    whole = replace(
        content,
        tables=[*([first] if findings else []), *content.tables],
        figures=pictures,
        warnings=[*content.warnings, *problems],
    )
    atomic_write.write_text(path, render_report(whole), _REMEDY)
