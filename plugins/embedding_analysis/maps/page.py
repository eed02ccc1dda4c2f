"""The interactive map: one HTML file that needs no network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nntasks.plugins.embedding_analysis.maps.layouts import TITLES, Layout
from nntasks.report.rendering import render_page

_REACH = 100_000  # of positions on the page
Neighbours = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class MapContent:
    """The content of the page.

    Attributes:
        title: title of the page.
        groups: the group of each word; words in order of frequency or importance.
        ranks: frequency rank of each word, from 1.
        counts: occurrences of each word; None if unknown.
        layouts: positions (N, 2) by name of the layout and of the set of vectors.
        neighbours: the nearest words of each word, by set of vectors.
    """

    title: str
    groups: Mapping[str, str]
    ranks: Sequence[int]
    counts: Sequence[int] | None
    layouts: Mapping[str, Layout]
    neighbours: Mapping[str, Sequence[Neighbours]]


def render_map(content: MapContent) -> str:
    """Return the page; equal content gives an equal page.

    It contains its style, script and data; its content security policy forbids every request.
    """
    from markupsafe import Markup

    # A word may hold "</script>": no "<" of the data reaches the parser of HTML.
    data = json.dumps(_data(content), ensure_ascii=False, separators=(",", ":"))
    return render_page(
        "nntasks.plugins.embedding_analysis.maps",
        "map.html",
        styles=("map.css",),
        scripts=("map_drawing.js", "map_controls.js"),
        title=content.title,
        data=Markup(data.replace("<", "\\u003c")),
    )


def _data(content: MapContent) -> dict[str, Any]:
    words = list(content.groups)
    index = {word: number for number, word in enumerate(words)}
    names = list(dict.fromkeys(content.groups.values()))
    number = {name: position for position, name in enumerate(names)}
    return {
        "title": content.title,
        "words": words,
        "groups": names,
        "group": [number[content.groups[word]] for word in words],
        "ranks": list(content.ranks),
        "counts": None if content.counts is None else [int(count) for count in content.counts],
        "layouts": [
            {"name": TITLES[name], "sets": [_rounded(places) for places in layout.values()]}
            for name, layout in content.layouts.items()
        ],
        "sets": [
            {
                "name": name,
                "near": [_numbered(row, index) for row in rows],
            }
            for name, rows in content.neighbours.items()
        ],
    }


def _numbered(row: Neighbours, index: Mapping[str, int]) -> list[str | int]:
    """Return each neighbour as its number on the map, or as itself, and 1000 times its cosine."""
    return [part for word, cosine in row for part in (index.get(word, word), round(1000 * cosine))]


def _rounded(places: np.ndarray) -> list[int]:
    """Return x, y, x, y, ... as whole numbers up to 100,000: enough digits for any screen."""
    low, reach = places.min(axis=0), float(np.ptp(places, axis=0).max()) or 1.0
    return [round(float(part)) for part in ((places - low) / reach * _REACH).ravel()]
