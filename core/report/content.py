"""What goes into a report: figures and tables, as tasks hand them over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure


@dataclass(frozen=True)
class Figure:
    """A picture of the report.

    Attributes:
        name: file stem in `figures/`, lower case with underscores.
        title: one line above the picture.
        caption: what to look for in it; empty where the picture speaks for itself.
        draw: makes the picture; called once, when the report is written. A file or a PIL image
            is taken as it is.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], MatplotlibFigure | Any]


@dataclass(frozen=True)
class Table:
    """A table of the report, also printed in the terminal.

    Attributes:
        name: short, lower case with underscores.
        title: one line above the table.
        columns: the headings.
        rows: one sequence per row; floats are shown with four decimals.
        caption: what the table says; may be empty.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    caption: str = ""
