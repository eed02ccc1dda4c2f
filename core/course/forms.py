"""Two notebooks from one source: worked, with every answer, and exercise, with gaps.

The source is a Markdown file as jupytext reads it: text, and cells of code between fences. In it

- a cell `# exercise: NAME` stands for the exercise NAME of the registry. The worked form has its
  reference; the exercise form has signatures, docstrings and a gap. Both are followed by its check.
- a cell whose first line is `# worked` is in the worked form alone, `# exercise form` in the other.
- text between `<!-- answer -->` and `<!-- /answer -->` is the answer to a question. The worked form
  folds it; the exercise form leaves room for the student's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nntasks.errors import PluginError
from nntasks.grading.signatures import frame, source

if TYPE_CHECKING:
    from nntasks.registry import Registry

FORMS = ("worked", "exercise")
_FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```\s*?$", re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(r"<!-- answer -->\n(.*?)\n<!-- /answer -->", re.DOTALL)
_EXERCISE = re.compile(r"# exercise: (\w+)\s*")
_ONLY = {"# worked\n": "worked", "# exercise form\n": "exercise"}
_HEADER = re.compile(r"\A---\n.*?^---\n", re.MULTILINE | re.DOTALL)


def make_notebook(text: str, form: str, registry: Registry) -> dict[str, Any]:
    """Return a notebook of Jupyter's format 4.5.

    Args:
        text: the source.
        form: one of `FORMS`.
        registry: has the exercises.

    Raises:
        UsageError: the source names an unknown exercise.
        PluginError: a mark in the source is not closed.
    """
    if text.count("<!-- answer -->") != len(_ANSWER.findall(text)):
        raise PluginError("a notebook's source has an `<!-- answer -->` that is not closed")
    cells: list[dict[str, Any]] = []
    for kind, content in _cells(_HEADER.sub("", text)):
        if kind == "markdown":
            cells.append(_cell(kind, _answered(content, form), len(cells)))
            continue
        for code in _code(content, form, registry):
            cells.append(_cell(kind, code, len(cells)))
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cells(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and content of each cell; a heading begins a cell of its own."""
    end = 0
    for fence in _FENCE.finditer(text):
        yield from _paragraphs(text[end : fence.start()])
        yield "code", fence[1].rstrip()
        end = fence.end()
    yield from _paragraphs(text[end:])


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"\n(?=#{1,3} )", text):
        if part.strip():
            yield "markdown", part.strip()


def _answered(text: str, form: str) -> str:
    if form == "worked":
        return _ANSWER.sub(r"<details><summary>Answer</summary>\n\n\1\n\n</details>", text)
    return _ANSWER.sub("*Your answer:*", text)


def _code(content: str, form: str, registry: Registry) -> Iterator[str]:
    from nntasks import course_contracts

    for mark, only in _ONLY.items():
        if f"{content}\n".startswith(mark):
            if form == only:
                yield f"{content}\n"[len(mark) :].rstrip()
            return
    found = _EXERCISE.fullmatch(content)
    if not found:
        yield content
        return
    exercise = course_contracts.exercise(registry, found[1])
    made = source if form == "worked" else frame
    yield made(exercise.reference)
    yield f"{found[1]} = check({found[1]})"


def _cell(kind: str, content: str, number: int) -> dict[str, Any]:
    lines = content.splitlines(keepends=True)
    name = hashlib.sha256(f"{number}/{content}".encode()).hexdigest()[:12]
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": lines}
    if kind == "code":
        cell.update(execution_count=None, outputs=[])
    return cell
