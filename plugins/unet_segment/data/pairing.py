"""Pairing of pictures and masks."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.pictures.files import SUFFIXES
from nntasks.storage.listing import files_below

_NAMED = 3
_PREDICTED = "-mask"  # end of the masks that `predict` writes
_USUAL = "_mask"  # suffixes of masks in the folder of the pictures
_LOG = logging.getLogger("nntasks.data")


@dataclass(frozen=True)
class Pair:
    """A picture and its mask.

    Attributes:
        name: path of the picture below its folder, without the suffix; unique in the folder.
        picture, mask: the files.
    """

    name: str
    picture: Path
    mask: Path


def find_pairs(images: Path, masks: Path, suffix: str = "") -> list[Pair]:
    """Pair the files of two folders and their subfolders, by path without the suffix.

    Args:
        images: folder of pictures.
        masks: folder of masks; it may be the same.
        suffix: addition to the masks' names, such as "_mask". If it is empty and no names are
            equal, the most common one is used.

    Returns:
        pairs by name. Pictures without a mask and masks without a picture are left out, with a
        warning that counts and names them.

    Raises:
        UsageError: there is no pair, or two files of a folder differ only in their suffix.
    """
    if os.path.realpath(images) == os.path.realpath(masks):
        left, right = _one_folder(images, suffix or _USUAL)
    else:
        left, right = _by_name(files_below(images, SUFFIXES), images), {}
        found = _by_name(files_below(masks, SUFFIXES), masks)
        suffix = suffix or _shared_suffix(left, found)
        right = {name.removesuffix(suffix): found[name] for name in found if name.endswith(suffix)}
    if not left:
        raise UsageError(f"{images}: expected pictures ({', '.join(SUFFIXES[:4])}, ...), got none")
    names = sorted(set(left) & set(right))
    if not names:
        some = ", ".join(sorted(left)[:_NAMED])
        raise UsageError(
            f"{masks}: expected masks named as the pictures are ({some}), got none; if something "
            "follows the picture's name, say what with data.mask_suffix=_mask"
        )
    _warn(images, "pictures have no mask and are left out", set(left) - set(right))
    _warn(masks, "masks have no picture and are left out", set(right) - set(left))
    return [Pair(name, left[name], right[name]) for name in names]


def pair_masks(found: Path, truth: Path, suffix: str = "") -> list[Pair]:
    """Pair predicted masks with true ones, by path without the suffix; the folders may be one.

    Where `predict` has written a prediction, its mask ends in -mask and is taken.

    Args:
        found: folder of predicted masks, the `picture` of each pair.
        truth: folder of true masks.
        suffix: addition to the names of the truth, as for `find_pairs`.

    Raises:
        UsageError: there is no pair, or two files of a folder differ only in their suffix.
    """
    predicted = _by_name(files_below(found, SUFFIXES), found)
    true = _by_name(files_below(truth, SUFFIXES), truth)
    bare = {name.removesuffix(_PREDICTED) for name in predicted if name.endswith(_PREDICTED)}
    named = bare & set(true)
    predicted |= {name: predicted[name + _PREDICTED] for name in named}
    suffix = suffix or _shared_suffix(predicted, true)
    right = {name.removesuffix(suffix): file for name, file in true.items()}
    names = sorted(set(predicted) & set(right))
    if not names:
        raise UsageError(
            f"{found}: expected masks named as those of {truth} "
            f"({', '.join(sorted(right)[:_NAMED])}), got none; if something follows the names of "
            "the truth, say what with mask_suffix=_mask"
        )
    of_predict = {name + _PREDICTED for name in named}
    others = set(predicted) - {*names, *of_predict}
    _warn(found, "predictions have no truth and are left out", others)
    return [Pair(name, predicted[name], right[name]) for name in names]


def _by_name(files: Sequence[Path], folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in files:
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise UsageError(f"{file} and {found[name]} have the same name; keep one")
        found[name] = file
    return found


def _one_folder(folder: Path, suffix: str) -> tuple[dict[str, Path], dict[str, Path]]:
    files = files_below(folder, SUFFIXES)
    masks = [file for file in files if file.stem.endswith(suffix)]
    pictures = [file for file in files if not file.stem.endswith(suffix)]
    named = {name.removesuffix(suffix): file for name, file in _by_name(masks, folder).items()}
    return _by_name(pictures, folder), named


def _shared_suffix(pictures: Mapping[str, Path], masks: Mapping[str, Path]) -> str:
    """Return the most common addition to the masks' names; empty if some names are equal."""
    if not set(pictures).isdisjoint(masks):
        return ""
    after = Counter(
        name[length:]
        for name in masks
        for length in range(1, len(name))
        if name[:length] in pictures
    )
    suffix, count = max(after.items(), key=lambda pair: (pair[1], -len(pair[0])), default=("", 0))
    return suffix if 2 * count > len(masks) else ""


def _warn(folder: Path, what: str, names: set[str]) -> None:
    if names:
        some = ", ".join(sorted(names)[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
        _LOG.warning("%s: %d %s: %s", folder, len(names), what, some)
