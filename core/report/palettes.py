"""Pictures of few colours, with a palette; and the palette of a dark page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nntasks.report import colours

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MOST = 256  # colours of a palette


def with_palette(image: Image.Image) -> tuple[Image.Image, float]:
    """Return an image of the commonest colours, and the share of its pixels that have these."""
    import numpy as np
    from PIL import Image

    colours_of: Any = image.getcolors(image.width * image.height)
    found = sorted(colours_of, reverse=True)[:MOST]
    holder = Image.new("P", (1, 1))
    holder.putpalette([value for _, colour in found for value in colour])
    covered = sum(count for count, _ in found) / (image.width * image.height)
    near = np.array(image.quantize(palette=holder, dither=Image.Dither.NONE))
    # Pillow finds near colours only, white as 252 for instance. Those of the palette must be exact.
    own = _packed(np.array([colour for _, colour in found]))
    order = np.argsort(own)
    pixels = _packed(np.asarray(image))
    places = np.minimum(np.searchsorted(own[order], pixels), len(own) - 1)
    exact = own[order][places] == pixels
    reduced = Image.fromarray(np.where(exact, order[places], near).astype(np.uint8))
    reduced.putpalette(holder.getpalette() or ())
    return reduced, covered


def _packed(values: np.ndarray) -> np.ndarray:
    """Return a number for each colour (..., 3) of 0..255."""
    import numpy as np

    return values.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)


def dark_palette(image: Image.Image) -> Image.Image:
    """Return an image of a palette with its colours for dark pages."""
    import numpy as np

    values = np.array(image.getpalette(), dtype=float).reshape(-1, 3) / 255
    dark = image.copy()
    dark.putpalette(np.round(255 * colours.darkened(values)).astype(np.uint8).tobytes())
    return dark
