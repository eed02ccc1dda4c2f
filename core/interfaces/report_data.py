"""The content of a report: figures and tables, as tasks return them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nntasks.interfaces.pictures import ImageBrowser

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure


@dataclass(frozen=True)
class Interactive:
    """A form of a figure that answers to pointer and keys; the picture stays for paper.

    Attributes:
        kind: the name of what builds it: a script sets `builders[kind]` to a function of the
            element to fill and the content.
        content: what it is built from, as JSON has it: finite numbers, None, text, lists, dicts.
        scripts: (package, file) of each script, in order. They share one scope with the page's
            own, `report.js` and `elements.js`.
        styles: (package, file) of each style sheet.
    """

    kind: str
    content: Mapping[str, Any]
    scripts: Sequence[tuple[str, str]] = ()
    styles: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: file stem in `figures/`, lower case with underscores.
        title: one line above the figure.
        caption: what the reader should look for; may be empty.
        draw: returns the picture as a Matplotlib figure, a PIL image or a file path; called when
            the report is written, by any copy of the process, so what it changes may be lost.
        alt: what the picture shows, for those who cannot see it. By default it is made from the
            axes, names and values of a Matplotlib figure.
        interactive: returns the interactive form, or None; called as `draw` is.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], MatplotlibFigure | Any]
    alt: str = ""
    interactive: Callable[[], Interactive | None] | None = None


@dataclass(frozen=True)
class DrawnFigure:
    """A figure as the report embeds it.

    Attributes:
        name, title, caption, alt: as for `Figure`; `alt` is never empty.
        light: the picture in PNG, WebP or JPEG.
        dark: the same for dark pages; equal to `light` if there is nothing to darken.
        width, height: the size on the page, in CSS pixels.
        interactive: the form that takes the picture's place on a screen.
    """

    name: str
    title: str
    caption: str
    alt: str
    light: bytes
    dark: bytes
    width: int
    height: int
    interactive: Interactive | None = None


@dataclass(frozen=True)
class Table:
    """A table of the report, also printed in the terminal.

    Attributes:
        name: short, lower case with underscores.
        title: one line above the table.
        columns: the headings.
        rows: one sequence per row; floats are shown with four decimals.
        caption: a line below the title; may be empty.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    caption: str = ""


@dataclass(frozen=True)
class Thumbnail:
    """A small picture of a sample.

    Attributes:
        id: the sample's id, as in items.csv.
        jpeg: the encoded picture.
        width, height: in pixels.
    """

    id: Any
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class ReportContent:
    """The complete content of a report as plain values; equal content gives equal reports.

    Attributes:
        title: the heading of the page.
        subtitle: facts about the run by label: task, run, date, duration.
        headline: (name, value, definition) of the most important metrics.
        metrics: (name, value, definition) of all metrics.
        intervals: 95 % intervals (low, high) of metrics by name.
        tables: tables of the task.
        figures: the pictures.
        configuration: (key, value, default, description) of every key; values that differ from
            their default are marked.
        environment: versions and devices; may be nested.
        items: one row per sample, as in items.csv.
        thumbnails: pictures of samples, by the first value of their row.
        thumbnails_caption: describes the thumbnails.
        browser: pictures with outlines to look through, or None.
        warnings: anything that may invalidate the numbers.
        notes: what else a reader of the numbers should know, a sentence each.
        log: the lines of log.txt.
        command: the command line of this run.
        citation: how to cite this run.
        verdict: `good` and `next` of summary.json (see `nntasks.advice.judging`).
    """

    title: str
    subtitle: Mapping[str, Any] = field(default_factory=dict)
    headline: Sequence[tuple[str, float, str]] = ()
    metrics: Sequence[tuple[str, float, str]] = ()
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    figures: Sequence[DrawnFigure] = ()
    configuration: Sequence[tuple[str, Any, Any, str]] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[Mapping[str, Any]] = ()
    thumbnails: Sequence[Thumbnail] = ()
    thumbnails_caption: str = ""
    browser: ImageBrowser | None = None
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()
    log: Sequence[str] = ()
    command: str = ""
    citation: str = ""
    verdict: Mapping[str, Any] = field(default_factory=dict)
