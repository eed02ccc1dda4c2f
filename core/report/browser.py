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

    from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, OutlineKind

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

    The JSON has `kinds` [name, colour, meaning, dashed, shown], `labels`, `numbers` (names),
    `least` and `pictures` [id, source, width, height, numbers, outlines]; an outline is
    [label, kind, score, points, note], label and kind by index.
    """
    labels = sorted({o.label for picture in browser.pictures for o in picture.outlines})
    place = {label: index for index, label in enumerate(labels)}
    names = list(dict.fromkeys(name for p in browser.pictures for name in p.numbers))
    content = {
        "kinds": [[k.name, k.colour, k.meaning, k.dashed, k.shown] for k in browser.kinds],
        "labels": [clean(label) for label in labels],
        "numbers": names,
        "least": round(float(browser.least), 4),
        "pictures": [_picture(picture, names, place) for picture in browser.pictures],
    }
    return BrowserView(browser.note, browser.kinds, in_script(content), len(browser.pictures))


def _picture(picture: BrowsedPicture, names: Sequence[str], place: Mapping[str, int]) -> list[Any]:
    outlines = [
        [
            place[outline.label],
            outline.kind,
            None if outline.score is None else round(float(outline.score), 4),
            [round(float(value), 2) for value in outline.points],
            clean(outline.note),
        ]
        for outline in picture.outlines
    ]
    numbers = [_number(picture.numbers.get(name)) for name in names]
    size = (int(picture.width), int(picture.height))
    return [format_value(picture.id), _address(picture.source), *size, numbers, outlines]


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{float(value):.6g}")


def _address(source: bytes | str) -> str:
    """Return a data URL, or the URL of a relative path."""
    if isinstance(source, str):
        return quote(source.encode("utf-8", "surrogateescape"))
    return f"data:{mime(source)};base64,{base64.b64encode(source).decode('ascii')}"
