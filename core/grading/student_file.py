"""A student's script or notebook as pieces of code.

A script is run as a whole, as an import would. Of a notebook, only imports, functions, classes and
assignments that call nothing are run: its trainings and pictures do not matter here and take long.
"""

from __future__ import annotations

import ast
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import MissingError, UsageError

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PLAIN = (ast.Import, ast.ImportFrom, *_DEFINITIONS)


@dataclass(frozen=True)
class Piece:
    """Code that is run as one.

    Attributes:
        label: where it stands, such as "cell 4" or "mine.py".
        code: its text.
        names: the functions and classes that it defines.
    """

    label: str
    code: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class StudentFile:
    """A file's code.

    Attributes:
        path: the file.
        pieces: in order.
        notes: what was left out, a line each.
    """

    path: Path
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """The functions and classes that the file defines."""
        return {name for piece in self.pieces for name in piece.names}


def read_student_file(path: Path) -> StudentFile:
    """Read a .py or .ipynb.

    Raises:
        MissingError: there is no such file.
        UsageError: it is of another kind, or cannot be read.
    """
    if not path.is_file():
        raise MissingError(f"there is no file {path}")
    if path.suffix not in (".py", ".ipynb"):
        raise UsageError(f"{path}: expected a .py or an .ipynb file, got {path.suffix or 'none'}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected a text in UTF-8: {error}") from error
    if path.suffix == ".ipynb":
        return _notebook(path, text)
    try:
        tree = _parsed(text)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{path}: it is not valid Python: {_where(error)}") from error
    return StudentFile(path, (Piece(path.name, text, _names(tree)),))


def _notebook(path: Path, text: str) -> StudentFile:
    pieces, notes = [], []
    for number, code in enumerate(_code_cells(path, text), 1):
        try:
            tree = _parsed(_without_magics(code))
        except (SyntaxError, ValueError) as error:
            notes.append(
                f"code cell {number} is left out, as it is not valid Python: {_where(error)}"
            )
            continue
        tree.body = [node for node in tree.body if _is_definition(node)]
        if tree.body:
            kept = _blanked(_without_magics(code), tree)
            pieces.append(Piece(f"code cell {number}", kept, _names(tree)))
    return StudentFile(path, tuple(pieces), tuple(notes))


def _code_cells(path: Path, text: str) -> list[str]:
    try:
        cells = json.loads(text)["cells"]
        found = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return ["".join(source) for source in found]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{path}: expected a notebook of format 4 (JSON with cells): "
            f"{type(error).__name__}: {error}"
        ) from error


def _parsed(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as of an invalid escape
        return ast.parse(code)


def _without_magics(code: str) -> str:
    """Blank the lines of IPython's commands; a cell of another language becomes empty."""
    if code.lstrip().startswith("%%"):
        return ""
    lines = code.splitlines()
    return "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return not any(isinstance(part, (ast.Call, ast.Await)) for part in ast.walk(node))
    return isinstance(node, _PLAIN)


def _blanked(code: str, tree: ast.Module) -> str:
    """Keep the lines of the tree's statements, each in its place, so that line numbers hold."""
    kept: set[int] = set()
    for node in tree.body:
        decorators: list[Any] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(one.lineno for one in decorators)])
        kept.update(range(first, (node.end_lineno or node.lineno) + 1))
    lines = code.splitlines()
    return "\n".join(line if n in kept else "" for n, line in enumerate(lines, 1))


def _names(tree: ast.Module) -> tuple[str, ...]:
    return tuple(node.name for node in tree.body if isinstance(node, _DEFINITIONS))


def _where(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    text = getattr(error, "msg", None) or str(error)
    return f"{text} (line {line})" if line else text
