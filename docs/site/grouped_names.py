"""`width, height: in pixels` in a docstring, read as one entry for each name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe

_GROUP = re.compile(r"(?P<indent> +)(?P<names>\w+(?:, \w+)+):(?P<text> .*)")


class GroupedNames(griffe.Extension):
    """Takes groups of parameters and attributes apart, before the docstring is parsed."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of each object that is loaded."""
        if obj.docstring:
            obj.docstring.value = "\n".join(taken_apart(obj.docstring.value.split("\n")))


def taken_apart(lines: list[str]) -> Iterator[str]:
    """Yield the lines with each group `a, b: text` as two entries, each with the whole text."""
    place = 0
    while place < len(lines):
        match = _GROUP.fullmatch(lines[place])
        place += 1
        if not match:
            yield lines[place - 1]
            continue
        deeper = match["indent"] + " "
        more = []
        while place < len(lines) and lines[place].startswith(deeper):
            more.append(lines[place])
            place += 1
        for name in match["names"].split(", "):
            yield f"{match['indent']}{name}:{match['text']}"
            yield from more
