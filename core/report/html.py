"""The report as one HTML file that needs nothing else: no network, no script to be readable."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from core.report.content import Key, Picture, Report, Table
from core.report.terminal import format_value

MOST_ITEMS = 500


def render(report: Report) -> str:
    """Return the page. Everything that comes from data is escaped."""
    sections = [
        ("Pictures", _pictures(report.pictures)),
        ("Tables", "".join(map(_table, report.tables))),
        ("All numbers", _numbers(report.numbers)),
        ("Items", _items(report.items)),
        ("Configuration", _keys(report.keys, report.command)),
        ("Environment", _environment(report.environment)),
        ("Log", f"<pre>{_text(chr(10).join(report.log))}</pre>" if report.log else ""),
    ]
    shown = [(title, body) for title, body in sections if body]
    links = "".join(f'<a href="#{_anchor(title)}">{title}</a>' for title, _ in shown)
    body = "".join(f'<h2 id="{_anchor(title)}">{title}</h2>{body}' for title, body in shown)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(report.title)}</title><style>{_file('report.css')}</style></head><body>"
        f'<header><h1>{_text(report.title)}</h1><p class="note">{_text(report.subtitle)}</p>'
        f"<nav>{links}</nav></header><main>{_headline(report.headline)}{body}</main>"
        f"<script>{_file('report.js')}</script></body></html>\n"
    )


def _file(name: str) -> str:
    return resources.files("core.report").joinpath(name).read_text(encoding="utf-8")


def _text(value: Any) -> str:
    return html.escape(str(value), quote=True)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _headline(numbers: Iterable[tuple[str, float, str]]) -> str:
    cards = "".join(
        f"<div>{_text(name)}<b>{_text(format_value(value))}</b><small>{_text(meaning)}</small></div>"
        for name, value, meaning in numbers
    )
    return f'<section class="headline">{cards}</section>'


def _pictures(pictures: Iterable[Picture]) -> str:
    return "".join(
        f'<figure id="figure-{_text(picture.name)}"><figcaption><b>{_text(picture.title)}</b>'
        f'<span class="caption">{_text(picture.caption)}</span></figcaption>'
        f'<img alt="{_text(picture.title)}" '
        f'src="data:image/png;base64,{base64.b64encode(picture.png).decode()}"></figure>'
        for picture in pictures
    )


def _table(table: Table) -> str:
    note = f'<p class="note">{_text(table.caption)}</p>' if table.caption else ""
    return _grid(table.columns, table.rows, caption=table.title) + note


def _numbers(numbers: Iterable[tuple[str, float, str]]) -> str:
    return _grid(("number", "value", "definition"), list(numbers), identity="numbers")


def _items(items: Sequence[Mapping[str, Any]]) -> str:
    if not items:
        return ""
    columns = list(dict.fromkeys(key for item in items for key in item))
    rows = [[item.get(column) for column in columns] for item in items[:MOST_ITEMS]]
    note = ""
    if len(items) > MOST_ITEMS:
        note = f'<p class="note">The first {MOST_ITEMS} of {len(items)}; all are in items.csv.</p>'
    return note + _grid(columns, rows, identity="items")


def _keys(keys: Iterable[Key], command: str) -> str:
    rows = "".join(
        f"<tr{_changed_class(key.changed)}><td><code>{_text(key.name)}</code></td>"
        f"<td>{_text(key.value)}</td><td>{_text(key.default)}</td><td>{_text(key.description)}</td>"
        "</tr>"
        for key in keys
    )
    head = "<tr><th>key</th><th>value</th><th>default</th><th>meaning</th></tr>"
    return (
        f'<p class="note">To get this run again:</p><pre>{_text(command)}</pre>'
        f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
    )


def _environment(environment: Mapping[str, Any]) -> str:
    return _grid(("what", "value"), list(_flat(environment)), sortable=False)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping):
            yield from _flat(item, f"{name} / ")
        elif isinstance(item, (list, tuple)):
            yield name, ", ".join(map(str, item)) or "none"
        else:
            yield name, format_value(item)


def _grid(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    caption: str = "",
    identity: str = "",
    sortable: bool = True,
) -> str:
    """Return a table; one with an identity gets a field to filter it by."""
    numeric = [
        all(row[place] is None or isinstance(row[place], (int, float)) for row in rows)
        for place in range(len(columns))
    ]
    mark_sortable = " data-sort" if sortable else ""
    head = "".join(
        f'<th scope="col"{mark_sortable}{_number_class(number)}>{_text(name)}</th>'
        for name, number in zip(columns, numeric, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_number_class(number)}>{_text(format_value(cell))}</td>"
            for cell, number in zip(row, numeric, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    title = f"<caption>{_text(caption)}</caption>" if caption else ""
    mark = f' id="table-{identity}"' if identity else ""
    field = ""
    if identity:
        field = (
            f'<input type="search" data-table="table-{identity}" placeholder="filter" '
            f'aria-label="filter {identity}">'
        )
    table = f"<table{mark}>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'{field}<div class="scroll">{table}</div>'


def _changed_class(changed: bool) -> str:
    return ' class="changed"' if changed else ""


def _number_class(number: bool) -> str:
    return ' class="number"' if number else ""
