"""A picture and the numbers of each sample; the script of the page sorts them by any number."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nntasks.interfaces.report_data import Thumbnail
from nntasks.report.formatting import as_number, for_sorting, format_value
from nntasks.report.markup import Markup, element, join

MOST = 300  # pictures; more would make the page heavy
_QUALITY = 85  # of JPEG


def shown(ranked: Sequence[Any], most: int = MOST) -> list[Any]:
    """Choose samples for a gallery: all, or the first half of `most` and others spread evenly.

    Args:
        ranked: the samples' ids, what is worth seeing first.
        most: how many are chosen at the most.
    """
    if len(ranked) <= most:
        return list(ranked)
    first, others = ranked[: most // 2], ranked[most // 2 :]
    count = most - len(first)
    return [*first, *(others[i * (len(others) - 1) // max(count - 1, 1)] for i in range(count))]


def encoded(thumbnails: Iterable[tuple[Any, Any]]) -> list[Thumbnail]:
    """Return (id, PIL image) pairs as they go into the page."""
    found = []
    for name, image in thumbnails:
        content = io.BytesIO()
        image.convert("RGB").save(content, format="JPEG", quality=_QUALITY)
        found.append(Thumbnail(name, content.getvalue(), *image.size))
    return found


def gallery(
    thumbnails: Sequence[Thumbnail], items: Sequence[Mapping[str, Any]], caption: str = ""
) -> Markup:
    """Return cards in the order of the items; a picture without an item comes last, alone.

    Args:
        thumbnails: pictures by id.
        items: rows whose first value is the id; their other values stand below the picture.
        caption: what the pictures show.
    """
    pictures = {thumbnail.id: thumbnail for thumbnail in thumbnails}
    numbers = {next(iter(row.values())): dict(list(row.items())[1:]) for row in items if row}
    ordered = [
        *(name for name in numbers if name in pictures),
        *(name for name in pictures if name not in numbers),
    ]
    cards = [_card(pictures[name], numbers.get(name, {})) for name in ordered]
    total = max(len(items), len(cards))
    count = f"{len(cards)} of {total} samples." if len(cards) < total else ""
    note = " ".join(part for part in (caption, count) if part)
    return join(
        [
            element("p", note, class_="note") if note else None,
            element(
                "div",
                *cards,
                class_="gallery",
                role="region",
                tabindex="0",
                aria_label="One picture per sample",
            ),
        ]
    )


def _card(thumbnail: Thumbnail, numbers: Mapping[str, Any]) -> Markup:
    title = format_value(thumbnail.id)
    source = f"data:image/jpeg;base64,{base64.b64encode(thumbnail.jpeg).decode('ascii')}"
    image = element(
        "img",
        src=source,
        alt=title,
        width=thumbnail.width,
        height=thumbnail.height,
        class_="thumbnail",
    )
    facts = [
        part for name, value in numbers.items() for part in (element("dt", name), _fact(value))
    ]
    return element(
        "figure",
        element("h3", title),
        element("div", image, class_="paper"),
        element("dl", *facts) if facts else None,
    )


def _fact(value: Any) -> Markup:
    number = as_number(value)
    return element(
        "dd", format_value(value), data_value=None if number is None else for_sorting(number)
    )
