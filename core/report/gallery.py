"""The gallery: a picture and the numbers of each sample, sortable by any number."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nntasks.report.formatting import format_value
from nntasks.report.html_table import CellView, cell

if TYPE_CHECKING:
    from nntasks.interfaces.report_data import Thumbnail

MOST = 300  # pictures; more would make the page too large
_QUALITY = 85  # JPEG quality


@dataclass(frozen=True)
class CardView:
    """A sample with its name, picture and values."""

    title: str
    thumbnail: Thumbnail
    facts: Sequence[tuple[str, CellView]]


@dataclass(frozen=True)
class GalleryView:
    """The cards in order, and a caption."""

    note: str
    cards: Sequence[CardView]


def shown(ranked: Sequence[Any], most: int = MOST) -> list[Any]:
    """Choose samples for a gallery: all, or the first half of `most` and others spread evenly.

    Args:
        ranked: the samples' ids, the most interesting first.
        most: the largest number to choose.
    """
    if len(ranked) <= most:
        return list(ranked)
    first, others = ranked[: most // 2], ranked[most // 2 :]
    count = most - len(first)
    return [*first, *(others[i * (len(others) - 1) // max(count - 1, 1)] for i in range(count))]


def encoded(thumbnails: Iterable[tuple[Any, Any]]) -> list[Thumbnail]:
    """Encode (id, PIL image) pairs for the page."""
    from nntasks.interfaces.report_data import Thumbnail

    found = []
    for name, image in thumbnails:
        content = io.BytesIO()
        image.convert("RGB").save(content, format="JPEG", quality=_QUALITY)
        found.append(Thumbnail(name, content.getvalue(), *image.size))
    return found


def gallery(
    thumbnails: Sequence[Thumbnail], items: Sequence[Mapping[str, Any]], caption: str = ""
) -> GalleryView:
    """Return cards in the order of the items; pictures without an item come last.

    Args:
        thumbnails: pictures by id.
        items: rows whose first value is the id; their other values are shown below the picture.
        caption: describes the pictures.
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
    return GalleryView(note, cards)


def _card(thumbnail: Thumbnail, numbers: Mapping[str, Any]) -> CardView:
    facts = [(name, _fact(value)) for name, value in numbers.items()]
    return CardView(format_value(thumbnail.id), thumbnail, facts)


def _fact(value: Any) -> CellView:
    return cell(format_value(value) if value is None else value)
