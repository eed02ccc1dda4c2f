"""Draw figures, and what else a report shows, on all cores.

The processes share the pieces out, each with one thread, so that a picture is the same to the last
bit whoever draws it, on any number of cores.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks import garbage
from nntasks.interfaces.report_data import DrawnFigure, Figure
from nntasks.machine.forked import map_forked

_FEW = 2  # pieces that are not worth a copy of the process
_FILE_STEM = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class Piece:
    """A part of a report.

    Attributes:
        name: what it is called where it cannot be made.
        make: returns it. It may run in a copy of this process, so what it changes may be lost.
    """

    name: str
    make: Callable[[], Any]


@dataclass(frozen=True)
class Made:
    """What a piece became: its value, or None and the reason."""

    value: Any = None
    problem: str = ""


def make_all(pieces: Sequence[Piece]) -> list[Made]:
    """Make pieces on all cores, in any order; those that take long should come first.

    Code of plugins can raise anything, so an error costs only its own piece.
    """
    with _one_thread():
        if len(pieces) <= _FEW:
            return [_made_here(piece) for piece in pieces]
        _load_matplotlib()
        return map_forked(_made, pieces, _failed)


def figure_piece(figure: Figure) -> Piece:
    """Return a figure as a piece, whose value is (DrawnFigure, PNG), or None without content."""
    return Piece(f"figure {figure.name!r}", lambda: _draw(figure))


def draw_all(
    figures: Sequence[Figure], keep: Callable[[str, bytes], None] = lambda name, png: None
) -> tuple[list[DrawnFigure], list[str]]:
    """Draw each figure in the project's style; return the pictures and the problems.

    `keep` gets the name and the PNG of each.
    """
    return collect(figures, make_all([figure_piece(figure) for figure in figures]), keep)


def collect(
    figures: Sequence[Figure], made: Sequence[Made], keep: Callable[[str, bytes], None]
) -> tuple[list[DrawnFigure], list[str]]:
    """Return the pictures that were drawn, and the problems; `keep` gets each name and PNG."""
    pictures: dict[str, DrawnFigure] = {}
    problems = []
    for figure, found in zip(figures, made, strict=True):
        problem = _wrong_name(figure.name, pictures) or found.problem
        if problem:
            problems.append(f"figure {figure.name!r} is missing: {problem}")
        elif found.value is not None:
            pictures[figure.name], png = found.value
            keep(figure.name, png)
    return list(pictures.values()), problems


def _draw(figure: Figure) -> tuple[DrawnFigure, bytes] | None:
    """Return a figure as the page embeds it, and its PNG; None if there is nothing to draw."""
    from nntasks.report import style
    from nntasks.report.alt_text import alt_text
    from nntasks.report.encoding import encoded

    with style.applied():
        drawn = figure.draw()
        if drawn is None:
            return None
        made = encoded(drawn)
        words = (figure.name, figure.title, figure.caption, alt_text(figure, drawn))
    touched = figure.interactive() if figure.interactive else None
    size = made.width, made.height
    return DrawnFigure(*words, made.light, made.dark, *size, touched), made.png


def _made(piece: Piece) -> Made:
    # A figure is thousands of objects that all live until it is drawn.
    with garbage.paused():
        return Made(piece.make())


def _failed(piece: Piece, error: Exception) -> Made:
    return Made(problem=f"{type(error).__name__}: {' '.join(str(error).split())}")


def _made_here(piece: Piece) -> Made:
    try:
        return _made(piece)
    except Exception as error:
        return _failed(piece, error)


def _wrong_name(name: str, taken: Mapping[str, Any]) -> str:
    if not _FILE_STEM.fullmatch(name):
        return "ValueError: expected a name of lower-case letters, digits and underscores"
    if name in taken:
        return "ValueError: another figure has this name; give each its own"
    return ""


def _load_matplotlib() -> None:
    """Import what every figure needs before this process is copied."""
    with garbage.importing():
        import matplotlib.backends.backend_agg
        import matplotlib.figure  # noqa: F401

        from nntasks.report import style

        with style.applied():
            pass


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Give torch and NumPy one thread within the block, as in copies of this process."""
    from nntasks.machine.blas import blas_threads

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    if torch:
        torch.set_num_threads(1)
    try:
        with blas_threads(1):
            yield
    finally:
        if torch:
            torch.set_num_threads(before)
