"""Damaged label files, COCO files and data.yaml files, made from sound ones by a seed."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

LINES = (
    "0 0.5 0.5 0.25 0.5",
    "1 0.1 0.2 0.05 0.1",
    "0,0.5,0.5,0.25,0.5",
    "1\t0.5\t0.5\t1.0\t1.0",
    "0 0.1 0.1 0.5 0.1 0.5 0.4",
    "0 0.5 0.5 0.25 0.5 0.4 0.4 2 0.6 0.6 1",
    "0 0.5 0.5 0.25 0.5 0.9",
    "# class cx cy w h",
    "",
)
_WORDS = (
    *(
        "nan",
        "inf",
        "-inf",
        "1e999",
        "1e-999",
        "-0",
        "-1",
        "0",
        "1",
        "2",
        "1.005",
        "1.02",
        "640",
        "1_0",
    ),
    *(
        "0x1",
        "cat",
        "\u0661",
        "\u00bd",
        "1,5",
        ";",
        "#",
        "'",
        '"',
        "\x00",
        "\x1b[31m",
        "\u2028",
        "9" * 400,
    ),
)
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        3,
        7,
        2**63,
        10**400,
        0.5,
        7.0,
        -0.0,
        1e300,
        float("nan"),
        float("inf"),
    ),
    *(
        "",
        "1",
        "7",
        "7.0",
        "1e5",
        " 7",
        "x",
        "a.png",
        "..",
        "/",
        "a\\b.png",
        "a\0b",
        "\ud800",
        "x" * 5000,
    ),
    *(
        [],
        {},
        [1],
        [1, 2, 3, 4],
        [[1, 2, 3, 4]],
        {"id": 1},
        ["1", "2", "3", "4"],
        [0, 0, 1e308, 1e308],
    ),
)
_YAML = (
    *(
        "~",
        "true",
        "2001-01-01",
        "2001-99-99",
        "!!int abc",
        "!!binary x",
        "!!timestamp x",
        "&a",
        "*a",
        "<<",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        ":",
        "- ",
        "\t",
        "\n",
        "'",
        '"',
        "%",
        "@",
        "0o7",
        "1:2:3",
        "!!python/name:os.system",
    ),
    *(
        "'0'",
        "nc",
        "images/val",
        "images\\val",
        "nowhere",
        "9" * 5000,
        "[" * 2000,
        "\x00",
        "? ",
        "? [1]: 2",
    ),
)
DESCRIPTIONS = (
    "path: .\ntrain: images/val\nval: images/val\nnames: [cat, dog]\nnc: 2\n",
    "val: images/val\nnames: {0: cat, 1: dog}\n",
    "val: list.txt\nnames:\n  '0': cat\n  '1': dog\nkpt_shape: [2, 3]\n",
    "val: [images/val]\nnc: 2\ndownload: x\n",
)


def label_file(seed: int) -> bytes:
    """Return a damaged label file."""
    rng = random.Random(f"labels {seed}")
    lines = []
    for line in rng.choices(LINES, k=rng.randrange(1, 6)):
        words = line.split(" ")
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            place = rng.randrange(len(words))
            match rng.randrange(4):
                case 0:
                    words[place] = rng.choice(_WORDS)
                case 1:
                    words.insert(place, rng.choice(_WORDS))
                case 2:
                    del words[place]
                    words = words or [""]
                case 3:
                    words[place] = f"{rng.uniform(-0.02, 1.03):.6g}"
        lines.append(rng.choice((" ", " ", " ", "\t", ", ", ",")).join(words))
    text = rng.choice(("\n", "\r\n", "\r")).join(lines)
    return _damaged(text.encode("utf-8", "replace"), rng)


def coco_file(seed: int) -> bytes:
    """Return a damaged COCO file of two images, a.png and b.png, of 40 x 30 pixels."""
    rng = random.Random(f"coco {seed}")
    content: Any = {
        "images": [
            {"id": 1, "file_name": "a.png", "width": 40, "height": 30},
            {"id": 2, "file_name": "b.png", "width": 40, "height": 30},
        ],
        "annotations": [
            {"id": n, "image_id": 1 + n % 2, "category_id": 3 + 4 * (n % 2), "bbox": [1, 2, 3, n]}
            | {"area": 6.5, "iscrowd": n % 2}
            for n in range(4)
        ],
        "categories": [{"id": 3, "name": "cat"}, {"id": 7, "name": "dog"}],
    }
    for _ in range(rng.choice((1, 1, 2, 4))):
        content = _changed(content, rng)
    text = json.dumps(content)
    return _damaged(text.encode(), rng) if rng.random() < 0.3 else text.encode()


def description(seed: int) -> bytes:
    """Return a damaged data.yaml."""
    rng = random.Random(f"yaml {seed}")
    text = rng.choice(DESCRIPTIONS)
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.randrange(len(text) + 1)
        end = place + rng.choice((0, 0, 1, 3, 8))
        text = text[:place] + rng.choice(_YAML) + text[end:]
    return _damaged(text.encode(), rng)


def _changed(content: Any, rng: random.Random) -> Any:
    """Change, drop or repeat one value anywhere in nested lists and mappings."""
    content = copy.deepcopy(content)
    where = content
    while True:
        if not isinstance(where, (dict, list)) or not where:
            return rng.choice(_VALUES)
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        key = rng.choice(keys)
        if isinstance(where[key], (dict, list)) and where[key] and rng.random() < 0.9:
            where = where[key]
            continue
        match rng.randrange(4):
            case 0:
                del where[key]
            case 1 if isinstance(where, list):
                where.append(copy.deepcopy(where[key]))
            case _:
                where[key] = rng.choice(_VALUES)
        return content


def _damaged(data: bytes, rng: random.Random) -> bytes:
    """Change, cut or repeat a few bytes, one time in three."""
    damaged = bytearray(data)
    for _ in range(rng.choice((0, 0, 0, 0, 1, 3))):
        place = rng.randrange(len(damaged) + 1)
        match rng.randrange(4):
            case 0 if place < len(damaged):
                damaged[place] = rng.randrange(256)
            case 1:
                del damaged[place:]
            case 2:
                damaged[place:place] = damaged[place : place + rng.randrange(30)]
            case 3:
                damaged[:0] = rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b"#"))
    return bytes(damaged)
