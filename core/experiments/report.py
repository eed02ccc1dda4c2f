"""The one-file HTML report of many runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nntasks.interfaces.report_data import Figure, ReportContent, Table
from nntasks.storage import atomic_write


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
    atomic_write.write_text(path, render_report(whole))
