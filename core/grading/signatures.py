"""What a student has to write, as signatures and as an empty frame, from the reference."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from typing import Any

_GAP = ast.parse("raise NotImplementedError('your code')").body


def signatures(name: str, reference: Any) -> list[str]:
    """Return what a reference is, then a line for each function that it asks for."""
    paragraphs = (inspect.getdoc(reference) or "").split("\n\n")
    said = itertools.takewhile(lambda one: not one.partition("\n")[0].endswith(":"), paragraphs)
    summary = " ".join(" ".join(said).split())
    node = _definition(reference)
    if isinstance(node, ast.ClassDef):
        public = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        return [
            summary,
            *(f"{name}.{_line(one)}" for one in public if one.name == "__init__"),
            *(f"{name}.{_line(one)}" for one in public if not one.name.startswith("_")),
        ]
    return [summary, _line(node)]


def frame(reference: Any) -> str:
    """Return the reference with its docstrings, and gaps in place of its code.

    Private methods are left out: how to divide the work is up to the student.
    """
    node = _definition(reference)
    if isinstance(node, ast.ClassDef):
        node.body = [one for one in node.body if not _is_private(one)]
        for one in node.body:
            if isinstance(one, ast.FunctionDef):
                _empty(one)
    else:
        _empty(node)
    return ast.unparse(node)


def source(reference: Any) -> str:
    """Return the code of a reference."""
    return textwrap.dedent(inspect.getsource(reference)).rstrip()


def _definition(reference: Any) -> Any:
    return ast.parse(source(reference)).body[0]


def _is_private(node: ast.stmt) -> bool:
    name = getattr(node, "name", "")
    return name.startswith("_") and name != "__init__"


def _empty(function: Any) -> None:
    documented = ast.get_docstring(function) is not None
    function.body = [*function.body[:documented], *_GAP]


def _line(function: Any) -> str:
    gone = ast.arguments(
        posonlyargs=function.args.posonlyargs,
        args=[one for one in function.args.args if one.arg != "self"],
        vararg=function.args.vararg,
        kwonlyargs=function.args.kwonlyargs,
        kw_defaults=function.args.kw_defaults,
        kwarg=function.args.kwarg,
        defaults=function.args.defaults,
    )
    for one in (*gone.posonlyargs, *gone.args, *gone.kwonlyargs):
        one.annotation = None
    return f"{function.name}({ast.unparse(gone)})"
