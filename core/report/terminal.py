"""Tables and metrics in the terminal; plain text for other outputs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from nntasks.report.formatting import (
    clean,
    format_interval,
    format_value,
    is_numeric,
    without_interval,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table as Grid

    from nntasks.interfaces.report_data import Table

__all__ = ["format_value", "print_metrics", "print_table"]

_UNBOUNDED = 100_000
_NARROWEST = 12  # minimum width of a wrapped text column
MOST_ROWS = 24  # shown rows per table; the report has all


def print_table(table: Table, stream: TextIO | None = None, *, most_rows: int = MOST_ROWS) -> None:
    """Print a table: title, headings, rows, caption.

    Lines fit the terminal, or COLUMNS where it is set: text is wrapped but numbers are never cut,
    so very wide tables may exceed the width. Files and pipes get plain text with every cell whole.
    Only the first rows of a long table are shown. Floats have four decimals; numbers are
    right-aligned.

    Args:
        table: what to print.
        stream: the output; standard output by default.
        most_rows: the number of rows that are shown.
    """
    from rich.text import Text

    width = len(table.columns)
    rows = [[*row, *[None] * (width - len(row))][:width] for row in table.rows[:most_rows]]
    grid = _grid()
    for column, name in enumerate(table.columns):
        _add_column(grid, format_value(name), [row[column] for row in rows])
    for row in rows:
        grid.add_row(*(Text(_cell(value)) for value in row))
    parts: list[RenderableType] = [Text(clean(table.title), style="bold"), grid]
    if len(table.rows) > most_rows:
        more = f"... and {len(table.rows) - most_rows} more rows, in the report"
        parts.append(Text(more, style="dim"))
    if table.caption:
        parts.append(Text(clean(table.caption), style="dim"))
    _print(parts, stream or sys.stdout)


def print_metrics(
    summary: Mapping[str, Any], stream: TextIO | None = None, *, everything: bool = False
) -> None:
    """Print the headline metrics of a summary with their definitions; the others on request.

    Args:
        summary: the content of summary.json: `metrics` (name to number), `intervals` (name to two
            ends), `definitions` (name to sentence) and `headline` (names). Without a headline all
            metrics are printed.
        stream: the output; standard output by default.
        everything: whether to print the other metrics, too.
    """
    from rich.text import Text

    metrics, definitions = summary["metrics"], summary.get("definitions", {})
    headline = [name for name in summary.get("headline", ()) if name in metrics]
    others = [name for name in metrics if name not in headline]
    shown = [*headline, *others] if everything or not headline else headline
    if not shown:
        return
    grid = _grid()
    _add_column(grid, "metric", shown)
    _add_column(grid, "value", [metrics[name] for name in shown])
    intervals = summary.get("intervals") or {}
    ends = {name: format_interval(intervals.get(name)) for name in shown}
    if intervals:
        grid.add_column("95 % interval", no_wrap=True)
    _add_column(grid, "definition", [definitions.get(name, "") for name in shown])
    for name in shown:
        style = "bold" if name in headline else ""
        sentence = Text(clean(definitions.get(name, "")), style="" if style else "dim")
        middle = [Text(ends[name], style)] if intervals else []
        value = Text(format_value(metrics[name]), style)
        grid.add_row(Text(clean(name), style), value, *middle, sentence)
    parts: list[RenderableType] = [grid]
    if without_interval(summary):
        parts.append(Text(without_interval(summary), style="dim"))
    if len(shown) < len(metrics):
        more = f"{len(others)} more numbers in summary.json and the report; --all prints them"
        parts.append(Text(more, style="dim"))
    _print(parts, stream or sys.stdout)


def _grid() -> Grid:
    from rich import box
    from rich.table import Table as Grid

    return Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")


def _add_column(grid: Grid, name: str, values: Sequence[Any]) -> None:
    from rich.cells import cell_len
    from rich.text import Text

    numeric = is_numeric(values)
    longest = max(cell_len(text) for text in (name, *map(_cell, values)))
    grid.add_column(
        Text(name),
        justify="right" if numeric else "left",
        no_wrap=numeric,
        overflow="fold",
        min_width=longest if numeric else min(longest, _NARROWEST),
    )


def _cell(value: Any) -> str:
    return "" if value is None else format_value(value)


def _print(parts: list[RenderableType], stream: TextIO) -> None:
    """Print the parts, each on its own lines, and an empty line."""
    from rich.console import Console

    console = Console(file=stream, highlight=False, force_jupyter=False)
    unbounded = console.options.update(max_width=_UNBOUNDED)
    sizes = [console.measure(part, options=unbounded) for part in parts]
    is_bounded = console.is_terminal or os.environ.get("COLUMNS", "").isdigit()
    needed = max(size.minimum if is_bounded else size.maximum for size in sizes)
    console.width = max(console.width, needed)
    with console.capture() as capture:
        console.print(*parts, sep="\n")
        console.print()
    text = "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
    encoding = (
        stream.encoding or "utf-8"
    )  # an output with a small character set shows question marks
    stream.write(text.encode(encoding, "replace").decode(encoding))
