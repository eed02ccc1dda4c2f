"""What goes into a report: figures and tables, as tasks hand them over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Thumbnail:
    """A small picture of a sample, beside its numbers.

    Attributes:
        id: the sample's, as in items.csv.
        jpeg: the picture.
        width, height: in pixels.
    """

    id: Any
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class ReportContent:
    """Everything that stands in a report, as plain values; equal content gives equal reports.

    Attributes:
        title: the largest line of the page.
        subtitle: what the run was, by label: task, run, date, duration.
        headline: (name, value, definition) of the numbers that matter most, first.
        metrics: (name, value, definition) of all numbers.
        tables: tables of the task.
        figures: (name, title, caption, PNG bytes) of the pictures.
        configuration: (key, value, default, description) of every key; a key whose value differs
            from its default is marked.
        environment: where the run took place; may be nested.
        items: one row per sample, as in items.csv.
        thumbnails: pictures of samples, by the first value of their row.
        thumbnails_caption: what they show.
        warnings: what the reader must know before trusting a number.
        log: the lines of log.txt.
        command: what to type to get the same run.
        citation: how to name this run in a text.
    """

    title: str
    subtitle: Mapping[str, Any] = field(default_factory=dict)
    headline: Sequence[tuple[str, float, str]] = ()
    metrics: Sequence[tuple[str, float, str]] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[tuple[str, str, str, bytes]] = ()
    configuration: Sequence[tuple[str, Any, Any, str]] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[Mapping[str, Any]] = ()
    thumbnails: Sequence[Thumbnail] = ()
    thumbnails_caption: str = ""
    warnings: Sequence[str] = ()
    log: Sequence[str] = ()
    command: str = ""
    citation: str = ""
