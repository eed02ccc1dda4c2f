"""Convert stored pixels to what a viewer shows: upright, opaque, RGB or grey."""

from __future__ import annotations

from PIL import Image

from nntasks.pictures.opening import Opened

GROUND = (255, 255, 255)  # on which transparent pictures are laid
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return a picture in its EXIF orientation; the same object if the orientation is 1."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def upright_size(opened: Opened) -> tuple[int, int]:
    """Return (width, height) in pixels of the upright picture."""
    width, height = opened.size
    return (height, width) if opened.orientation >= 5 else (width, height)


def shown(opened: Opened, mode: str) -> Image.Image:
    """Return the upright picture in `mode`, "RGB" or "L", as a viewer shows it.

    Transparent pixels are shown on white. CMYK is converted by the plain formula; JPEG files store
    it inverted, as Adobe does. Profiles are not applied.
    """
    image = opened.image
    assert image is not None
    if image.has_transparency_data:
        image = _opaque(image, opened)
    # Both would copy a picture that is upright and RGB already: a third of the time.
    return upright(image if image.mode == mode else image.convert(mode), opened.orientation)


def with_alpha(opened: Opened) -> Image.Image:
    """Return a picture that has transparency as RGBA, not turned."""
    image = opened.image
    assert image is not None
    key = image.info.get("transparency")
    if image.mode == "L" and isinstance(key, int) and opened.header.white < 255:
        # Pillow scales grey of 2 and 4 bits to 8, but not the grey that stands for nothing.
        image.info["transparency"] = key * 255 // opened.header.white
    return image.convert("RGBA")


def _opaque(image: Image.Image, opened: Opened) -> Image.Image:
    layered = with_alpha(opened)
    ground = Image.new("RGB", image.size, GROUND)
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground
