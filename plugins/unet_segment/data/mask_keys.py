"""The keys that say what labels of masks mean, and how messages name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class MaskKeys:
    """The keys `object`, `ignored`, `threshold` and `palette`.

    Attributes:
        objects, ignored, threshold, palette: their values.
        prefix: stands before the keys where they are typed.
        masks: the key of the folder.
        can_ignore: whether `ignored` concerns these masks.
    """

    objects: tuple[int, ...] = ()
    ignored: int | None = None
    threshold: int | None = None
    palette: Literal["auto", "numbers"] = "auto"
    prefix: str = "data."
    masks: str = "data.masks"
    can_ignore: bool = True

    def typed(self, key: str, value: object = None) -> str:
        """Return a key as it is typed, with its value if one is given."""
        return f"{self.prefix}{key}" + ("" if value is None else f"={value}")
