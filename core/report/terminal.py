"""Tables and numbers in the terminal: aligned columns on stdout, colour only where it is wanted."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from core.report.content import Table


def format_value(value: Any) -> str:
    """Show a value: floats with four decimals, what is undefined or absent as a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}"
    return str(value)


def print_table(table: Table) -> None:
    """Print a table on stdout: numbers to the right, long text wrapped in the last column."""
    click.echo(f"\n{table.title}")
    rows = [[format_value(cell) for cell in row] for row in table.rows]
    numeric = [
        _is_numeric([row[place] for row in table.rows]) for place in range(len(table.columns))
    ]
    for line in layout([list(table.columns), *rows], numeric, _width()):
        click.echo(line)
    if table.caption:
        click.echo(
            textwrap.fill(table.caption, _width(), initial_indent="  ", subsequent_indent="  ")
        )


def print_metrics(summary: Mapping[str, Any]) -> None:
    """Print the headline: the numbers that matter most, and how long they took."""
    metrics = summary["metrics"]
    names = summary["headline"] or list(metrics)[:3]
    numbers = "  ".join(f"{name} {format_value(metrics[name])}" for name in names)
    click.echo(f"\n{click.style(numbers, bold=True)}")
    click.echo(
        f"{summary['task']}, {summary['samples']} samples, seed {summary['seed']}, "
        f"{summary['seconds']:.1f} s, kernels: {summary['kernels']}"
    )


def layout(rows: Sequence[Sequence[str]], numeric: Sequence[bool], width: int) -> list[str]:
    """Align cells in columns; a last column of text takes the room that is left and is wrapped."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(numeric))]
    room = width - sum(widths[:-1]) - 2 * len(widths)
    if not numeric[-1]:
        widths[-1] = max(min(widths[-1], room), 16)
    lines: list[str] = []
    for row in rows:
        wrapped = textwrap.wrap(row[-1], widths[-1]) or [""]
        cells = [*row[:-1], wrapped[0]]
        shown = [
            cell.rjust(w) if number else cell.ljust(w)
            for cell, w, number in zip(cells, widths, numeric, strict=True)
        ]
        lines.append(f"  {'  '.join(shown)}".rstrip())
        indent = " " * (sum(widths[:-1]) + 2 * len(widths))
        lines += [f"{indent}{more}" for more in wrapped[1:]]
    return lines


def _is_numeric(cells: Sequence[Any]) -> bool:
    return all(cell is None or isinstance(cell, (int, float)) for cell in cells)


def _width() -> int:
    return max(shutil.get_terminal_size((100, 24)).columns, 60)
