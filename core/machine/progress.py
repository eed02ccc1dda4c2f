"""Progress bars, shown in a terminal, and in a notebook where asked for."""

from __future__ import annotations

import contextlib
import contextvars
import sys
from collections.abc import Callable, Iterator

from nntasks.machine import notebook

Advance = Callable[..., None]

_in_notebooks = contextvars.ContextVar("_in_notebooks", default=False)


@contextlib.contextmanager
def in_notebooks(wanted: bool = True) -> Iterator[None]:
    """Show the bars inside the block if this process is the kernel of a notebook."""
    token = _in_notebooks.set(wanted and notebook.is_running())
    try:
        yield
    finally:
        _in_notebooks.reset(token)


@contextlib.contextmanager
def bar(what: str, total: int, *, show: bool = True) -> Iterator[Advance]:
    """Show a bar while the block runs: on stderr if it is a terminal, or in a notebook.

    Yields:
        `advance(count=1, note="")`: moves the bar; `note` replaces the text after it.
    """
    if _in_notebooks.get():
        shown = notebook.Bar(what, total)
        try:
            yield shown.advance
        finally:
            shown.close()
        return
    if not show or not sys.stderr.isatty():
        yield lambda count=1, note="": None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        job = progress.add_task(what, total=total, note="")

        def advance(count: int = 1, note: str | None = None) -> None:
            if note is not None:
                progress.update(job, note=note)
            progress.advance(job, count)

        yield advance
