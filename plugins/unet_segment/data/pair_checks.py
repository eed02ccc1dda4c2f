"""Checks of pictures and masks before training, which report all faulty files at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from nntasks.errors import UsageError
from nntasks.pictures.files import image_size
from nntasks.pictures.whole import whole_image_size
from nntasks.plugins.unet_segment.data.pairing import Pair

_LISTED = 20  # faults listed in a message
_READERS = 4  # threads
_Result = TypeVar("_Result")


def of_each(pairs: Sequence[Pair], act: Callable[[Pair], _Result]) -> list[_Result]:
    """Return the result of `act` for each pair; all files on which it fails are named at once."""

    def tried(pair: Pair) -> _Result | UsageError:
        try:
            return act(pair)
        except UsageError as error:
            return error

    with ThreadPoolExecutor(_READERS, "masks") as pool:
        results = list(pool.map(tried, pairs))
    faults = [str(result) for result in results if isinstance(result, UsageError)]
    if faults:
        more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
        count = f"{len(faults)} of {len(pairs)} pairs cannot be used: " if len(faults) > 1 else ""
        raise UsageError(count + "; ".join(faults[:_LISTED]) + more)
    return [result for result in results if not isinstance(result, UsageError)]


def common_size(pair: Pair) -> tuple[int, int]:
    """Return (width, height) in pixels of a picture and its mask, from their headers.

    Raises:
        UsageError: the sizes differ, or the picture is cut off; names the file and both sizes.
    """
    size, of_mask = whole_image_size(pair.picture), image_size(pair.mask)
    if size != of_mask:
        raise UsageError(
            f"{pair.mask} has {of_mask[0]} x {of_mask[1]} pixels, but {pair.picture} has "
            f"{size[0]} x {size[1]}"
        )
    return size
