"""A map to move about in: one HTML file that needs no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from nntasks.plugins.embedding_analysis.maps.layouts import TITLES, Layout
from nntasks.report.markup import Markup, element

Neighbours = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class MapContent:
    """All that the page shows.

    Attributes:
        title: of the page.
        groups: the group of each word, words by falling frequency or importance.
        ranks: of each word by frequency, from 1.
        counts: of each word; None where that is not known.
        layouts: places (N, 2) by name of the layout and of the set of vectors.
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

    It holds its style, script and data, and forbids every request by its content security policy.
    """
    style, script = _resource("map.css"), _resource("map.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    # A word may hold "</script>": no "<" of the data reaches the parser of HTML.
    data = json.dumps(_data(content), ensure_ascii=False, separators=(",", ":"))
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("link", rel="icon", href="data:,"),
            element("title", content.title),
            element("style", style),
        ),
        element(
            "body",
            Markup(_resource("map.html")),
            element(
                "script", Markup(data.replace("<", "\\u003c")), id="data", type="application/json"
            ),
            element("script", script),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _data(content: MapContent) -> dict[str, Any]:
    words = list(content.groups)
    names = list(dict.fromkeys(content.groups.values()))
    return {
        "title": content.title,
        "words": words,
        "groups": names,
        "group": [names.index(content.groups[word]) for word in words],
        "ranks": list(content.ranks),
        "counts": None if content.counts is None else [int(count) for count in content.counts],
        "layouts": [
            {"name": TITLES[name], "sets": [_rounded(places) for places in layout.values()]}
            for name, layout in content.layouts.items()
        ],
        "sets": [
            {
                "name": name,
                "near": [[[word, round(cosine, 3)] for word, cosine in row] for row in rows],
            }
            for name, rows in content.neighbours.items()
        ],
    }


def _rounded(places: np.ndarray) -> list[list[float]]:
    """Return places between 0 and 1, with digits enough for any screen."""
    low, reach = places.min(axis=0), float(np.ptp(places, axis=0).max()) or 1.0
    return [[round(float(x), 5), round(float(y), 5)] for x, y in (places - low) / reach]


def _resource(name: str) -> Markup:
    folder = resources.files("nntasks.plugins.embedding_analysis.maps")
    return Markup(folder.joinpath(name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
