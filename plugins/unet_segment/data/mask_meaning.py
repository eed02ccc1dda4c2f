"""The meaning of the pixels of all masks, decided once for all of them before training.

Rules in order: the keys; labels 0 and 1, 0 and 255, or 0 and one other; 0, 1 and 255, which is not
counted (as in Pascal VOC); soft edges with threshold 128. A palette counts by its grey if all
colours are grey, by its numbers if each has one colour in all files, and by its colours if there
are two. Everything else is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nntasks.errors import UsageError
from nntasks.pictures.labels import LabelPicture
from nntasks.plugins.unet_segment.data.mask_contents import HIGH, LOW, Colour, MaskContents
from nntasks.plugins.unet_segment.data.mask_keys import MaskKeys
from nntasks.plugins.unet_segment.samples import BACKGROUND, IGNORED, OBJECT

Reading = Literal["grey", "numbers", "colours"]

_NAMED = 6
_MIDDLE = 128  # least grey of the object in a soft mask
_LAST_LABEL = 127  # labels up to this are numbers, with 255 as void; others are greys
_EVEN, _EVEN_LOSSY = (
    0.05,
    0.2,
)  # largest share of the middle greys of soft masks in areas of one grey
_EDGE_GREYS = 3  # least number of greys between the ends in soft masks
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)
_VOID: Colour = (224, 224, 192)  # the void colour of Pascal VOC
_LOG = logging.getLogger("nntasks.data")


@dataclass(frozen=True)
class Meaning:
    """The meaning of pixels.

    Attributes:
        reading: how palettes are read.
        table: (256,) uint8 of 0, 1 and 255: the meaning of each grey or number.
        colours: the meaning of each colour, if colours count.
    """

    reading: Reading
    table: np.ndarray
    colours: Mapping[Colour, int] = field(default_factory=dict)

    def mask(self, picture: LabelPicture) -> np.ndarray:
        """Return (H, W) uint8 of 0 (background), 1 (object) and 255 (not counted)."""
        if picture.two_valued:
            return np.where(picture.values > 0, OBJECT, BACKGROUND).astype(np.uint8)
        if self.reading == "colours":
            return self._by_colour(picture)
        if picture.palette is not None and self.reading == "grey":
            return self.table[picture.palette[:, 0]][picture.values]
        return self.table[picture.values]

    def _by_colour(self, picture: LabelPicture) -> np.ndarray:
        palette = picture.palette
        if palette is None:
            palette = np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1)
        meant = [self.colours.get(tuple(colour), BACKGROUND) for colour in palette.tolist()]
        return np.array(meant, np.uint8)[picture.values]


def decide(files: Sequence[MaskContents], keys: MaskKeys) -> Meaning:
    """Decide the meaning of the masks of a folder.

    Raises:
        UsageError: it cannot be decided; names the labels found and the keys that help.
    """
    reading = _reading(files, keys)
    if reading == "colours":
        return _two_colours(files, keys)
    labels = _Labels.of([file for file in files if not file.two_valued], reading)
    table = _table(labels, keys)
    on = int(labels.total[table == OBJECT].sum())
    on += sum(int(file.counts[1]) for file in files if file.two_valued)
    if not on:
        _LOG.warning("%s: no pixel of the %d masks is of the object", keys.masks, len(files))
    return Meaning(reading, table)


def has_labels(files: Sequence[MaskContents], keys: MaskKeys, known: Collection[int]) -> bool:
    """Return whether masks hold colours or the known labels alone, and no greys."""
    reading = _reading(files, keys)
    labels = _Labels.of([file for file in files if not file.two_valued], reading)
    return reading == "colours" or labels.present - {keys.ignored} <= set(known)


@dataclass(frozen=True)
class _Labels:
    """The labels of all masks that have more than two values.

    Attributes:
        files: the masks.
        counts: (256,) pixels of each label, mask by mask; total: their sum.
        present: labels that occur.
        grey: whether labels are grey, and not numbers into palettes.
        void_colour: whether 255 has the palette colour of void in Pascal VOC.
        white_255: whether 255 is white.
    """

    files: Sequence[MaskContents]
    counts: Sequence[np.ndarray]
    total: np.ndarray
    present: frozenset[int]
    grey: bool
    void_colour: bool
    white_255: bool

    @classmethod
    def of(cls, files: Sequence[MaskContents], reading: Reading) -> _Labels:
        grey = reading == "grey"
        counts = [file.greys if grey else file.counts for file in files]
        total = np.sum(counts, axis=0) if counts else np.zeros(256, np.int64)
        last = {(file.colours or {}).get(255) for file in files} if not grey else set()
        present = frozenset(np.flatnonzero(total).tolist())
        return cls(files, counts, total, present, grey, _VOID in last, _WHITE in last)


def _reading(files: Sequence[MaskContents], keys: MaskKeys) -> Reading:
    coloured = [file for file in files if file.colours is not None]
    if keys.palette == "numbers":
        for file in coloured:
            if not file.numbered:
                raise UsageError(
                    f"{keys.typed('palette', 'numbers')}: {file.path} has colours without numbers"
                )
        return "numbers"
    if all(r == g == b for file in coloured for r, g, b in (file.colours or {}).values()):
        return "grey"
    return "numbers" if _numbers_agree(coloured, keys) else "colours"


def _numbers_agree(coloured: Sequence[MaskContents], keys: MaskKeys) -> bool:
    """Return whether each colour has one number in all files, and black is 0 by default."""
    number_of: dict[Colour, int] = {}
    colour_of: dict[int, Colour] = {}
    for file in coloured:
        for number, colour in (file.colours or {}).items():
            if not file.numbered:
                return False
            if number_of.setdefault(colour, number) != number:
                return False
            if colour_of.setdefault(number, colour) != colour:
                return False
    return bool(keys.objects) or (
        colour_of.get(0, _BLACK) == _BLACK and number_of.get(_BLACK, 0) == 0
    )


def _two_colours(files: Sequence[MaskContents], keys: MaskKeys) -> Meaning:
    found: set[Colour] = set()
    for file in files:
        if file.colours is not None:
            found |= set(file.colours.values())
        elif not file.two_valued:
            found |= {(int(v), int(v), int(v)) for v in np.flatnonzero(file.counts)}
    others = sorted(found - {_BLACK})
    given = keys.objects or keys.ignored is not None or keys.threshold is not None
    if len(others) == 1 and _BLACK in found and not given:
        return Meaning("colours", np.zeros(256, np.uint8), {others[0]: OBJECT})
    raise UsageError(
        f"{keys.masks}: expected black and one other colour, got {_some(sorted(found))}, which "
        "have not the same numbers in all palettes; save the masks in grey, or take the numbers as "
        f"they are with {keys.typed('palette', 'numbers')} {keys.typed('object', '1,2')}"
    )


def _table(labels: _Labels, keys: MaskKeys) -> np.ndarray:
    if keys.threshold is not None:
        return _made(lambda v: v >= keys.threshold, keys.ignored)
    if keys.objects:
        return _by_objects(labels, keys)
    void = keys.ignored if keys.ignored is not None else _void(labels, keys)
    counted = labels.present - {void}
    if counted <= {0, 255}:
        return _made(lambda v: v == 255, void)
    if counted <= {0, 1}:
        return _made(lambda v: v == 1, void)
    if 0 in counted and len(counted) == 2:
        (label,) = counted - {0}
        words = (keys.masks, label, keys.typed("object"))
        _LOG.warning("%s: label %d is taken for the object (%s)", *words)
        return _made(lambda v: v == label, void)
    if _is_soft(labels):
        _tell_of_soft(labels.total, keys)
        return _made(lambda v: v >= _MIDDLE, void)
    raise _undecided(labels, counted, keys)


def _void(labels: _Labels, keys: MaskKeys) -> int | None:
    """Return 255 if it marks uncounted pixels: beside 1, or by its palette colour."""
    if 255 not in labels.present:
        return None
    if labels.grey:
        if 1 not in labels.present or not labels.present <= {0, 1, 255}:
            return None
        if not any(count[1] and count[255] for count in labels.counts):
            raise UsageError(
                f"{keys.masks}: some masks hold 0 and 1, others 0 and 255; say what 255 is: "
                f"{keys.typed('ignored', 255)}, or {keys.typed('object', '1,255')}"
            )
    elif not labels.void_colour and not (labels.white_255 and labels.present - {0, 255}):
        return None
    return _told_void(keys)


def _told_void(keys: MaskKeys) -> int:
    _LOG.warning("%s: label 255 is not counted (%s)", keys.masks, keys.typed("ignored", 255))
    return 255


def _by_objects(labels: _Labels, keys: MaskKeys) -> np.ndarray:
    words = keys.typed("object", ",".join(map(str, keys.objects)))
    if labels.present and not labels.present & set(keys.objects):
        raise UsageError(
            f"{words}: no mask holds such a label, but {_some(sorted(labels.present))}; of a grey "
            f"palette the grey counts, and with {keys.typed('palette', 'numbers')} the numbers"
        )
    if any(file.lossy for file in labels.files) and _is_soft(labels):
        raise UsageError(
            f"{words}: the masks are blurred (JPEG), so that a label is no one number; give "
            f"{keys.typed('threshold', 128)} instead, or save them as PNG"
        )
    void = keys.ignored
    others = labels.present - {255} | set(keys.objects)
    if void is None and 255 in labels.present and max(others) <= _LAST_LABEL:
        void = _told_void(keys)
    return _made(lambda v: np.isin(v, keys.objects), void)


def _made(is_object: Callable[[np.ndarray], np.ndarray], ignored: int | None) -> np.ndarray:
    table = np.where(is_object(np.arange(256)), OBJECT, BACKGROUND).astype(np.uint8)
    if ignored is not None:
        table[ignored] = IGNORED
    return table


def _is_soft(labels: _Labels) -> bool:
    """Distinguish masks with soft edges or JPEG blur from maps of several labels.

    Soft masks have both ends, and edges of several greys between; an area of one grey between is a
    label. Without greys between, JPEG is recognised by greys near the ends.
    """
    total = labels.total
    low, middle, high = total[: LOW + 1], total[LOW + 1 : HIGH], total[HIGH:]
    if not labels.grey or not low.any() or not high.any():
        return False
    lossy = any(file.lossy for file in labels.files)
    if not middle.any():
        near = bool(low[1:].any()), bool(high[:-1].any())
        return any(near) if lossy else all(near)
    even = sum(file.even for file in labels.files)
    if not lossy and np.count_nonzero(middle) < _EDGE_GREYS:
        return False
    return even <= (_EVEN_LOSSY if lossy else _EVEN) * int(middle.sum())


def _tell_of_soft(total: np.ndarray, keys: MaskKeys) -> None:
    between, pixels = int(total[1:255].sum()), int(total.sum())
    _LOG.warning(
        "%s: %d of %d pixels (%.2f %%) lie between 0 and 255; those of %d and more "
        "are taken for the object (%s)",
        *(keys.masks, between, pixels, 100 * between / pixels, _MIDDLE, keys.typed("threshold")),
    )


def _undecided(labels: _Labels, counted: Collection[int], keys: MaskKeys) -> UsageError:
    odd = sorted(set(counted) - {0, 1, 255})
    pairs = zip(labels.files, labels.counts, strict=True)
    example = next((file.path for file, count in pairs if count[odd].any()), labels.files[0].path)
    uncounted = f", which are not counted with {keys.typed('ignored', 255)}"
    return UsageError(
        f"{example}: expected labels 0 and 1, or 0 and 255, got {_some(sorted(counted))} in the "
        f"masks; say which are of the object with {keys.typed('object', '1,2')}"
        f"{uncounted if keys.can_ignore else ''}, or from which grey on with "
        f"{keys.typed('threshold', 128)}"
    )


def _some(values: Sequence[object]) -> str:
    return ", ".join(map(str, values[:_NAMED])) + (", ..." if len(values) > _NAMED else "")
