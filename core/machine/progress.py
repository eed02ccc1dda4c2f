"""Progress bars, shown only in a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Advance = Callable[..., None]


@contextlib.contextmanager
def bar(what: str, total: int, *, show: bool = True) -> Iterator[Advance]:
    """Show a bar on stderr while the block runs, if stderr is a terminal.

    Yields:
        `advance(count=1, note="")`: moves the bar; `note` replaces the text after it.
    """
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
