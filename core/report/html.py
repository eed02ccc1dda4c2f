"""The report of a run: one HTML file, readable without network and scripts.

This module selects and formats the content; `templates/` and `report.css` define the layout.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nntasks.report import browser, interactive
from nntasks.report.encoding import mime
from nntasks.report.formatting import format_interval, format_value
from nntasks.report.gallery import GalleryView, gallery
from nntasks.report.html_table import Code, TableView, data_table
from nntasks.report.rendering import File, in_script, render_page

if TYPE_CHECKING:
    from markupsafe import Markup

    from nntasks.interfaces.report_data import DrawnFigure, Interactive, ReportContent

MAX_ITEMS = 500  # rows of the items table, few enough for a fast page
MAX_LOG_LINES = 500
_WIDE = 700  # pictures of this width, or twice as wide as high, take the full page width


@dataclass(frozen=True)
class FigureView:
    """A figure of the page.

    Attributes:
        drawn: its words and its size.
        light, dark: data URLs; `dark` is empty if it is the same picture.
        content: JSON of the interactive form, or None.
    """

    drawn: DrawnFigure
    light: str
    dark: str
    content: Markup | None = None

    @property
    def wide(self) -> bool:
        """Whether it takes the full page width."""
        return self.drawn.width >= min(_WIDE, 2 * self.drawn.height)


@dataclass(frozen=True)
class LogView:
    """The end of the log, with a note above it."""

    title: str
    text: str


def render_report(content: ReportContent) -> str:
    """Return the report as one HTML document.

    The document contains its style, script and pictures. Its content security policy forbids all
    requests, but for files of pictures that the image browser names. Equal content gives an equal
    document.

    Raises:
        ValueError: a figure is none of PNG, WebP and JPEG.
    """
    sections = {
        "Metrics": _metrics(content),
        "Figures": [_figure(figure) for figure in content.figures],
        "Tables": [
            data_table(table.title, table.columns, table.rows, note=table.caption)
            for table in content.tables
        ],
        "Images": browser.image_browser(content.browser) if content.browser else None,
        "Gallery": _gallery(content),
        "Items": _items(content),
        "Configuration": _configuration(content),
        "Environment": _environment(content),
        "Log": _log(content),
        "Reproduce": content.command or content.citation,
        "Verdict": content.verdict,
    }
    return render_page(
        "nntasks.report",
        "report.html",
        styles=_styles(content),
        scripts=_scripts(content),
        images=" 'self' file:" if _has_files(content) else "",
        report=content,
        facts=[(label, format_value(value)) for label, value in content.subtitle.items()],
        cards=[
            (name, format_value(value), format_interval(content.intervals.get(name)), text)
            for name, value, text in content.headline
        ],
        sections={name: view for name, view in sections.items() if view},
    )


def _styles(content: ReportContent) -> list[File]:
    forms = _interactive(content)
    own = [browser.STYLE] if content.browser else []
    return ["report.css", *own, *interactive.STYLES[: bool(forms)], *_named(forms, "styles")]


def _scripts(content: ReportContent) -> list[File]:
    forms = _interactive(content)
    own = [browser.SCRIPT] if content.browser else []
    shared = ["elements.js"] if own or forms else []
    start = interactive.SCRIPTS[: bool(forms)]
    return ["report.js", *shared, *own, *start, *_named(forms, "scripts")]


def _interactive(content: ReportContent) -> list[Interactive]:
    return [figure.interactive for figure in content.figures if figure.interactive]


def _named(forms: Sequence[Interactive], what: str) -> list[File]:
    return [file for form in forms for file in getattr(form, what)]


def _has_files(content: ReportContent) -> bool:
    """Return whether pictures lie beside the page and are not embedded."""
    pictures = content.browser.pictures if content.browser else ()
    return any(isinstance(picture.source, str) for picture in pictures)


def _metrics(content: ReportContent) -> TableView | None:
    if not content.metrics:
        return None
    title = "All metrics and their definitions"
    if not content.intervals:
        return data_table(title, ("name", "value", "definition"), content.metrics, heading=False)
    columns = ("name", "value", "95 % interval", "definition")
    rows = [
        (name, value, format_interval(content.intervals.get(name)), text)
        for name, value, text in content.metrics
    ]
    return data_table(title, columns, rows, heading=False)


def _figure(figure: DrawnFigure) -> FigureView:
    try:
        dark = "" if figure.dark == figure.light else _url(figure.dark)
        shown = figure.interactive
        content = in_script(shown.content) if shown else None
        return FigureView(figure, _url(figure.light), dark, content)
    except ValueError as error:
        raise ValueError(f"figure {figure.name!r}: {error}") from None


def _url(data: bytes) -> str:
    return f"data:{mime(data)};base64,{base64.b64encode(data).decode('ascii')}"


def _gallery(content: ReportContent) -> GalleryView | None:
    if not content.thumbnails:
        return None
    return gallery(content.thumbnails, content.items, content.thumbnails_caption)


def _items(content: ReportContent) -> TableView | None:
    total = len(content.items)
    if not total:
        return None
    shown = content.items[:MAX_ITEMS]
    columns = list(dict.fromkeys(key for row in content.items for key in row))
    rows = [[row.get(column) for column in columns] for row in shown]
    if total > MAX_ITEMS:
        note = f"The first {MAX_ITEMS} of {total} rows; all of them are in items.csv."
    else:
        note = f"{total} row{'s' if total > 1 else ''}, as in items.csv."
    return data_table("One row per sample", columns, rows, note=note, heading=False)


def _configuration(content: ReportContent) -> TableView | None:
    if not content.configuration:
        return None
    settings = [
        (key, value, default, text, value != default)
        for key, value, default, text in content.configuration
    ]
    settings.sort(key=lambda setting: not setting[-1])  # changed keys first
    count = sum(setting[-1] for setting in settings)
    verb = "differs from its default" if count == 1 else "differ from their defaults"
    note = f"{count or 'None'} of {len(settings)} keys {verb}"
    return data_table(
        "Keys of the run",
        ("key", "value", "default", "description"),
        [(key, _code(value), _code(default), text) for key, value, default, text, _ in settings],
        note=f"{note}; changed ones come first." if count else f"{note}.",
        changed=range(count),
        heading=False,
    )


def _code(value: Any) -> Code:
    """Show a configured value as written: 0.01, not 0.0100."""
    text = repr(value) if isinstance(value, float) else format_value(value)
    return Code(text or "(empty)")


def _environment(content: ReportContent) -> TableView | None:
    if not content.environment:
        return None
    rows = list(_flat(content.environment, ""))
    return data_table("Environment of the run", ("what", "value"), rows, heading=False)


def _flat(tree: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path} / ")
        else:
            yield path, format_value(value) or "–"


def _log(content: ReportContent) -> LogView | None:
    if not content.log:
        return None
    shown, total = content.log[-MAX_LOG_LINES:], len(content.log)
    title = f"{total} line{'s' if total > 1 else ''}"
    if total > len(shown):
        title = f"The last {len(shown)} of {total} lines; all of them are in log.txt"
    return LogView(title, "\n".join(shown))
