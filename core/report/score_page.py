"""Write the pages of a score: one for each set of predictions."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nntasks.errors import UsageError
from nntasks.interfaces.report_data import ReportContent
from nntasks.report.drawing import draw_all
from nntasks.report.rendering import slug
from nntasks.storage import atomic_write
from nntasks.storage.failures import cannot_write

if TYPE_CHECKING:
    from nntasks.interfaces.scoring import ScorePage, Scores

_REMEDY = "choose another --out"


def refuse_file(folder: Path) -> None:
    """Raise UsageError if `folder` cannot be made, as it or a part of its path is a file.

    It makes nothing, so that it can be asked before anything is computed.
    """
    present = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if present.is_file():
        raise UsageError(f"cannot write {folder}: {present} is a file; {_REMEDY}")


def write_score(scores: Scores, folder: Path, command: Sequence[str]) -> list[Path]:
    """Write results.json and the pages; return the files.

    Args:
        scores: what was computed.
        folder: created if it is missing. Pictures of the pages are named relative to it.
        command: the words of the command line, for the page.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(cannot_write(folder, error, _REMEDY)) from error
    results = folder / "results.json"
    atomic_write.write_text(results, atomic_write.to_json(scores.to_dict()))
    return [results, *(_write_page(scores, page, folder, command) for page in scores.pages)]


def _write_page(scores: Scores, page: ScorePage, folder: Path, command: Sequence[str]) -> Path:
    from nntasks.report.html import render_report

    name = "report.html" if len(scores.pages) == 1 else f"report-{slug(page.name)}.html"
    figures, problems = draw_all(page.figures)
    content = ReportContent(
        title=f"{scores.task}: {page.name}",
        subtitle={"task": scores.task, "predictions": ", ".join(one.name for one in scores.found)},
        tables=[*scores.tables, *page.tables()],
        figures=figures,
        browser=page.browser(folder) if page.browser else None,
        warnings=problems,
        notes=scores.notes,
        command=shlex.join(["nntasks", *command]),
    )
    atomic_write.write_text(folder / name, render_report(content))
    return folder / name
