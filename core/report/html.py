"""The report of a run: one HTML file that needs no network and no script to be read."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

from nntasks.interfaces.report_data import ReportContent
from nntasks.report.formatting import format_value
from nntasks.report.gallery import gallery
from nntasks.report.html_table import data_table
from nntasks.report.markup import Markup, element, join, slug

MAX_ITEMS = 500  # rows of the items table; a browser shows them without delay
MAX_LOG_LINES = 500
_WIDE = 1100  # pictures of so many pixels, or twice as wide as high, take the page's whole width
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def render_report(content: ReportContent) -> str:
    """Return the report as one HTML document.

    The document holds its style, script and pictures, and forbids every request by its content
    security policy. Equal content gives an equal document.

    Raises:
        ValueError: a picture is not a PNG.
    """
    sections = [
        (name, body)
        for name, body in (
            ("Metrics", _metrics(content)),
            ("Figures", _figures(content)),
            ("Tables", _tables(content)),
            ("Gallery", _gallery(content)),
            ("Items", _items(content)),
            ("Configuration", _configuration(content)),
            ("Environment", _environment(content)),
            ("Log", _log(content)),
            ("Reproduce", _reproduce(content)),
        )
        if body is not None
    ]
    page = element(
        "html",
        _head(content.title),
        element(
            "body",
            element("a", "Skip to the results", href="#main", class_="skip"),
            _header(content),
            _navigation([name for name, _ in sections]),
            element(
                "main",
                _warnings(content),
                *(_section(name, body) for name, body in sections),
                id="main",
            ),
            element("script", _resource("report.js")),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _head(title: str) -> Markup:
    style, script = _resource("report.css"), _resource("report.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),  # else a browser asks the server for one
        element("title", title),
        element("style", style),
    )


def _resource(name: str) -> Markup:
    return Markup(resources.files("nntasks.report").joinpath(name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _header(content: ReportContent) -> Markup:
    facts = [
        element("div", element("dt", label), element("dd", format_value(value)))
        for label, value in content.subtitle.items()
    ]
    cards = [
        element(
            "li",
            element("span", name, class_="name"),
            element("strong", format_value(value), class_="value"),
            element("span", definition, class_="definition"),
        )
        for name, value, definition in content.headline
    ]
    return element(
        "header",
        element("h1", content.title),
        element("dl", *facts, class_="facts") if facts else None,
        element("ul", *cards, class_="cards", aria_label="Headline numbers") if cards else None,
    )


def _navigation(names: Sequence[str]) -> Markup:
    links = [element("li", element("a", name, href=f"#{slug(name)}")) for name in names]
    return element("nav", element("ul", *links), aria_label="Sections")


def _section(name: str, body: Markup) -> Markup:
    return element(
        "section",
        element("h2", name, id=f"{slug(name)}-heading"),
        body,
        id=slug(name),
        aria_labelledby=f"{slug(name)}-heading",
    )


def _warnings(content: ReportContent) -> Markup | None:
    if not content.warnings:
        return None
    lines = [element("li", line) for line in content.warnings]
    return element(
        "aside",
        element("h2", "Warnings", id="warnings-heading"),
        element("ul", *lines),
        id="warnings",
        aria_labelledby="warnings-heading",
    )


def _metrics(content: ReportContent) -> Markup | None:
    if not content.metrics:
        return None
    title = "Every number and what exactly it is"
    return data_table(title, ("name", "value", "definition"), content.metrics, heading=False)


def _figures(content: ReportContent) -> Markup | None:
    if not content.figures:
        return None
    return element("div", *(_figure(*figure) for figure in content.figures), class_="figures")


def _figure(name: str, title: str, caption: str, png: bytes) -> Markup:
    width, height = _png_size(name, png)
    source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    image = element("img", src=source, alt=title, width=width, height=height)
    return element(
        "figure",
        element("h3", title),
        element("div", image, class_="paper"),
        element("figcaption", caption) if caption else None,
        class_="wide" if width >= min(_WIDE, 2 * height) else None,
    )


def _png_size(name: str, png: bytes) -> tuple[int, int]:
    if png[:8] != _PNG_SIGNATURE or len(png) < 24:
        raise ValueError(
            f"figure {name!r}: expected the bytes of a PNG, got {bytes(png[:8])!r}; "
            "make them with nntasks.report.figures.png"
        )
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _tables(content: ReportContent) -> Markup | None:
    if not content.tables:
        return None
    return join(
        data_table(table.title, table.columns, table.rows, note=table.caption)
        for table in content.tables
    )


def _gallery(content: ReportContent) -> Markup | None:
    if not content.thumbnails:
        return None
    return gallery(content.thumbnails, content.items, content.thumbnails_caption)


def _items(content: ReportContent) -> Markup | None:
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


def _configuration(content: ReportContent) -> Markup | None:
    if not content.configuration:
        return None
    settings = [
        (key, value, default, text, value != default)
        for key, value, default, text in content.configuration
    ]
    settings.sort(key=lambda setting: not setting[-1])  # changed keys first, else as they come
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


def _code(value: Any) -> Markup:
    """Show a configured value as it was written: 0.01 is not 0.0100."""
    text = repr(value) if isinstance(value, float) else format_value(value)
    return element("code", text or "(empty)")


def _environment(content: ReportContent) -> Markup | None:
    if not content.environment:
        return None
    rows = list(_flat(content.environment, ""))
    table = data_table("Where the run took place", ("what", "value"), rows, heading=False)
    return _folded(f"Versions, devices, kernels: {len(rows)} entries", table)


def _flat(tree: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path} / ")
        else:
            yield path, format_value(value) or "–"


def _log(content: ReportContent) -> Markup | None:
    if not content.log:
        return None
    shown, total = content.log[-MAX_LOG_LINES:], len(content.log)
    title = f"{total} line{'s' if total > 1 else ''}"
    if total > len(shown):
        title = f"The last {len(shown)} of {total} lines; all of them are in log.txt"
    return _folded(title, element("pre", "\n".join(shown), tabindex="0"))


def _folded(title: str, body: Markup) -> Markup:
    return element("details", element("summary", title), body)


def _reproduce(content: ReportContent) -> Markup | None:
    if not (content.command or content.citation):
        return None
    return join(
        [
            element("p", "The same run again:") if content.command else None,
            element("pre", content.command, class_="copy") if content.command else None,
            element("p", "To cite it:") if content.citation else None,
            element("blockquote", content.citation) if content.citation else None,
        ]
    )
