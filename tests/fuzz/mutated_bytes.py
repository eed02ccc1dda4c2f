"""Small damage to a file's bytes: a bit, a byte, a number, a cut, a repeat, noise."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

_HEAD = 400  # bytes in which most changes are made


def damage(data: bytearray, rng: random.Random) -> None:
    """Change the bytes in place, one to sixteen times."""
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        if data:
            rng.choice(_CHANGES)(data, rng)


def _place(data: bytearray, rng: random.Random) -> int:
    return rng.randrange(min(len(data), _HEAD) if rng.random() < 0.8 else len(data))


def _bit(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _byte(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] = rng.choice((0, 1, 2, 127, 128, 254, 255, rng.randrange(256)))


def _number(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    number = rng.choice((0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1, rng.randrange(2**32)))
    data[at : at + 4] = struct.pack(rng.choice("<>") + "I", number)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[_place(data, rng) :]


def _remove(data: bytearray, rng: random.Random) -> None:
    at = _place(data, rng)
    del data[at : at + rng.randrange(1, 40)]


def _repeat(data: bytearray, rng: random.Random) -> None:
    at, long = _place(data, rng), rng.randrange(1, 40)
    data[at:at] = data[at : at + long]


def _noise(data: bytearray, rng: random.Random) -> None:
    at, long = _place(data, rng), rng.randrange(1, 40)
    data[at : at + long] = rng.randbytes(long)


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _bit, _byte, _number, _cut, _remove, _repeat, _noise,
)  # fmt: skip
