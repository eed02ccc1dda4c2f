"""A confusion matrix whose cells show their samples when they are clicked."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nntasks.interfaces.report_data import Interactive
from nntasks.report.formatting import clean, format_value

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MOST_CLASSES = 40  # more have no room for their names
MOST_LISTED = 24  # samples of a cell by name
MOST_PICTURES = 240  # of all cells
PER_CELL = 8  # pictures of a cell
_SIDE = 96  # pixels
_HERE = "nntasks.report.interactive"


def confusion_cells(
    counts: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    samples: Mapping[tuple[int, int], Sequence[Any]],
    picture: Callable[[Any], Image.Image] | None = None,
    several: bool = False,
) -> Interactive | None:
    """Return the matrix with the samples of its cells; None if it has too many classes.

    Args:
        counts: (R, C) of true and predicted classes.
        rows, columns: their names.
        samples: the ids of each cell's samples, the most interesting first.
        picture: returns the picture of an id. Where the page has an image browser, ids lead there.
        several: whether a sample can be counted several times, as a picture with several boxes.
    """
    if max(counts.shape) > MOST_CLASSES:
        return None
    cells = {}
    pictures: dict[str, str] = {}
    # Mistakes first, so that the pictures of right answers take what room is left.
    for place in sorted(samples, key=lambda cell: (cell[0] == cell[1], cell)):
        ids = list(samples[place])[:MOST_LISTED]
        cells[f"{place[0]},{place[1]}"] = [clean(format_value(one)) for one in ids]
        for one in ids[:PER_CELL] if picture else ():
            if len(pictures) < MOST_PICTURES:
                pictures[clean(format_value(one))] = _address(picture(one)) if picture else ""
    content = {
        "counts": counts.tolist(),
        "rows": [clean(name) for name in rows],
        "columns": [clean(name) for name in columns],
        "samples": cells,
        "pictures": pictures,
        "several": several,
    }
    return Interactive("cells", content, ((_HERE, "cells.js"),))


def _address(image: Image.Image) -> str:
    from nntasks.report.encoding import compact, mime

    image = image.copy()
    image.thumbnail((_SIDE, _SIDE))
    data = compact(image)
    return f"data:{mime(data)};base64,{base64.b64encode(data).decode('ascii')}"
