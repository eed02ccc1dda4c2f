"""Tables and metrics in the terminal; plain text where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from core.report.content import Table
from core.report.values import clean, format_value, is_numeric

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["format_value", "print_metrics", "print_table"]

_UNBOUNDED = 10_000  # columns of text that is not for a terminal: lines stay whole


def print_table(table: Table, stream: TextIO | None = None) -> None:
    """Print a table: title, headings, rows, caption.

    In a terminal the lines fit its width, long cells are wrapped, and headings are bold. Elsewhere
    (a pipe, a file) it is plain text, one line per row. Floats have four decimals, numbers are
    aligned to the right.

    Args:
        table: what to print.
        stream: where to; standard output by default.
    """
    from rich.text import Text

    width = len(table.columns)
    cells = [[*row, *[None] * (width - len(row))][:width] for row in table.rows]
    grid = _grid()
    for column, name in enumerate(table.columns):
        numeric = is_numeric(row[column] for row in cells)
        grid.add_column(
            Text(clean(name)),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for row in cells:
        grid.add_row(*(Text("" if value is None else format_value(value)) for value in row))
    parts: list[RenderableType] = [Text(clean(table.title), style="bold"), grid]
    if table.caption:
        parts.append(Text(clean(table.caption), style="dim"))
    _print(parts, stream or sys.stdout)


def print_metrics(summary: Mapping[str, Any], stream: TextIO | None = None) -> None:
    """Print the numbers of a summary, the headline last and with its definitions in full.

    Args:
        summary: the content of summary.json: `metrics` (name to number), `definitions` (name to
            sentence) and `headline` (names).
        stream: where to; standard output by default.
    """
    from rich.text import Text

    metrics, definitions = summary["metrics"], summary.get("definitions", {})
    headline = [name for name in summary.get("headline", ()) if name in metrics]
    grid = _grid()
    grid.add_column("metric", overflow="fold")
    grid.add_column("value", justify="right", no_wrap=True)
    grid.add_column("definition", overflow="fold")
    for name, value in metrics.items():
        if name not in headline:
            sentence = Text(clean(definitions.get(name, "")), style="dim", no_wrap=True)
            sentence.overflow = "ellipsis"
            grid.add_row(Text(clean(name)), format_value(value), sentence)
    if grid.row_count and headline:
        grid.add_section()
    for name in headline:
        sentence = Text(clean(definitions.get(name, "")))
        grid.add_row(
            Text(clean(name), style="bold"), Text(format_value(metrics[name]), "bold"), sentence
        )
    if grid.row_count:
        _print([grid], stream or sys.stdout)


def _grid() -> Any:
    from rich import box
    from rich.table import Table as Grid

    return Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")


def _print(parts: list[RenderableType], stream: TextIO) -> None:
    """Print the parts below each other and an empty line."""
    from rich.console import Console

    console = Console(file=stream, highlight=False, soft_wrap=False, force_jupyter=False)
    if not console.is_terminal:
        console = Console(
            file=stream, highlight=False, width=_UNBOUNDED, color_system=None, force_jupyter=False
        )
    with console.capture() as capture:
        console.print(*parts, sep="\n")
        console.print()
    text = "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
    encoding = stream.encoding or "utf-8"  # a narrow one shows question marks instead of failing
    stream.write(text.encode(encoding, "replace").decode(encoding))


