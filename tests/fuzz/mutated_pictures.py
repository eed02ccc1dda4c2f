"""Damaged picture files, made from sound ones by a seed.

Each is a small picture of one kind, in some mode, with EXIF, text or a profile. Then some of its
bytes are changed, cut or repeated, mostly where the header and the descriptions are.
"""

from __future__ import annotations

import functools
import io
import random

import numpy as np
from fuzz.mutated_bytes import damage
from PIL import Image

_KINDS: dict[str, tuple[str, ...]] = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "L", "P", "RGBA", "LA", "1"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("RGB", "L", "P", "RGBA", "CMYK", "1", "YCbCr"),
    "GIF": ("P", "L"),
    "BMP": ("RGB", "L", "P", "1"),
    "PPM": ("RGB", "L", "1"),
}
KINDS = tuple(_KINDS)
_COMPRESSIONS = (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")


def mutated(kind: str, seed: int) -> bytes:
    """Return a damaged file of a kind; the same for the same seed."""
    rng = random.Random(f"{kind} {seed}")
    data = bytearray(_sound(kind, rng.choice(_KINDS[kind]), rng.randrange(12)))
    damage(data, rng)
    return bytes(data)


@functools.lru_cache(maxsize=1024)
def _sound(kind: str, mode: str, variant: int) -> bytes:
    pixels = np.random.default_rng(variant).integers(0, 256, (13, 17, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x011A] = variant % 8 + 1, "a picture", 72.0
    words: dict[str, object] = {}
    if kind in ("JPEG", "PNG", "WEBP"):
        words = {"exif": exif.tobytes(), "icc_profile": bytes(range(200))}
    if kind == "TIFF":
        compression = _COMPRESSIONS[variant % len(_COMPRESSIONS)]
        if compression == "jpeg" and mode not in ("RGB", "L", "YCbCr"):
            compression = None
        words = {"tiffinfo": {0x0112: variant % 8 + 1, 270: "text"}, "compression": compression}
    if variant % 4 == 0 and kind in ("GIF", "WEBP", "PNG", "TIFF"):
        words |= {"save_all": True, "append_images": [image.transpose(Image.Transpose.ROTATE_180)]}
    content = io.BytesIO()
    image.save(content, kind, **words)  # type: ignore[arg-type]
    return content.getvalue()
