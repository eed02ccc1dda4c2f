"""The one-file HTML report of many runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks.interfaces.report_data import Figure, ReportContent, Table
from nntasks.storage import atomic_write


def write_html(
    path: Path,
    *,
    title: str,
    subtitle: Mapping[str, Any],
    sentences: Sequence[str],
    tables: Sequence[Table],
    figures: Sequence[Figure],
    items: Sequence[Mapping[str, Any]],
    command: str,
    warnings: Sequence[str] = (),
) -> None:
    """Draw the figures and write the report; a figure that cannot be drawn is a warning in it.

    Args:
        path: the file.
        title, subtitle: above everything.
        sentences: what was found, a row each of the first table.
        tables, figures: the rest.
        items: a row for each run.
        command: what to type to get the same.
        warnings: what the reader must know first.
    """
    from nntasks.report.html import render_report
    from nntasks.report.run_report import draw_all

    pictures, problems = draw_all(figures)
    found = Table("findings", "Findings", ("finding",), [(sentence,) for sentence in sentences])
    content = ReportContent(
        title=title,
        subtitle=subtitle,
        tables=[*([found] if sentences else []), *tables],
        figures=pictures,
        items=items,
        warnings=[*warnings, *problems],
        command=command,
    )
    atomic_write.write_text(path, render_report(content))
