"""The image browser: pictures with outlines, filtered, sorted and paged through by a script.

The pictures are data, as JSON; the script `browser.js` draws the outlines as SVG. So thousands of
pictures need no more than the few elements that are seen.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nntasks.report.encoding import mime
from nntasks.report.formatting import clean, format_value
from nntasks.report.rendering import in_script

if TYPE_CHECKING:
    from markupsafe import Markup

    from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind

SCRIPT, STYLE = "browser.js", "browser.css"


@dataclass(frozen=True)
class BrowserView:
    """The image browser of a page.

    Attributes:
        note: above the pictures.
        kinds: kinds of outlines, for the legend.
        data: JSON, safe inside a script element.
        count: the number of pictures.
    """

    note: str
    kinds: Sequence[OutlineKind]
    data: Markup
    count: int


def image_browser(browser: ImageBrowser) -> BrowserView:
    """Return the view of a browser.

    The JSON has `kinds` [name, colour, meaning, dashed, shown], `labels`, `notes`, `numbers`
    (names), `least` and `pictures` [id, source, width, height, numbers, outlines]. The outlines of
    a picture are one list of integers, since they are most of the data: label, kind, note, score
    in thousandths (-1 without), how many coordinates, and the coordinates in tenths of a pixel, of
    each outline in turn. Label, kind and note are indices; note 0 is empty.
    """
    labels = sorted({o.label for picture in browser.pictures for o in picture.outlines})
    told = sorted({o.note for picture in browser.pictures for o in picture.outlines} - {""})
    tables = _Tables(_places(labels), _places(["", *told]))
    names = list(dict.fromkeys(name for p in browser.pictures for name in p.numbers))
    content = {
        "kinds": [[k.name, k.colour, k.meaning, k.dashed, k.shown] for k in browser.kinds],
        "labels": [clean(label) for label in labels],
        "notes": ["", *map(clean, told)],
        "numbers": names,
        "least": round(float(browser.least), 4),
        "pictures": [_picture(picture, names, tables) for picture in browser.pictures],
    }
    return BrowserView(browser.note, browser.kinds, in_script(content), len(browser.pictures))


@dataclass(frozen=True)
class _Tables:
    """The places of labels and notes in their lists."""

    labels: Mapping[str, int]
    notes: Mapping[str, int]


def _places(words: Sequence[str]) -> dict[str, int]:
    return {word: index for index, word in enumerate(words)}


def _picture(picture: BrowsedPicture, names: Sequence[str], tables: _Tables) -> list[Any]:
    outlines = [number for outline in picture.outlines for number in _outline(outline, tables)]
    numbers = [_number(picture.numbers.get(name)) for name in names]
    size = (int(picture.width), int(picture.height))
    return [format_value(picture.id), _address(picture.source), *size, numbers, outlines]


def _outline(outline: Outline, tables: _Tables) -> list[int]:
    score = -1 if outline.score is None else round(1000 * float(outline.score))
    points = [round(10 * float(value)) for value in outline.points]
    place = tables.labels[outline.label], outline.kind, tables.notes[outline.note]
    return [*place, score, len(points), *points]


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{float(value):.6g}")


def _address(source: bytes | str) -> str:
    """Return a data URL, or the URL of a relative path."""
    if isinstance(source, str):
        return quote(source.encode("utf-8", "surrogateescape"))
    return f"data:{mime(source)};base64,{base64.b64encode(source).decode('ascii')}"
