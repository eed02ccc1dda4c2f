"""Make the samples of this folder, and the checksums in its README.

    python data/make_samples.py           # write them where they lie
    python data/make_samples.py FOLDER    # or elsewhere, to compare

Needs NumPy and Pillow. The same versions give the same bytes; others may compress a PNG otherwise,
with the same pixels.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 320, 240
SMOOTH = 4  # drawn this many times as large, then made smaller
NAMES = ("person", "car", "tree")
# (class, x, y, width, height) in pixels, from the farthest to the nearest.
OBJECTS = (
    *[("tree", 8.0, 64.0, 42.0, 78.0), ("tree", 262.0, 52.0, 50.0, 92.0)],
    *[("car", 92.0, 122.0, 58.0, 26.0), ("person", 170.0, 112.0, 15.0, 46.0)],
    *[("person", 190.0, 116.0, 15.0, 44.0), ("car", 206.0, 152.0, 98.0, 46.0)],
)
SHIRTS, CARS = ((168, 60, 52), (58, 92, 150)), ((196, 190, 180), (150, 36, 40))

SENTENCES = """\
The cat sat on the warm step and watched the street.
A red car stopped under the old tree by the gate.
Two people walked past the gate and talked about the rain.
The rain had stopped, and the street was still wet.
A dog ran after the red ball and the cat ran up the tree.
The people laughed and the dog barked at the cat.
In the evening the street was quiet and the sky was red.
The old man by the gate counted the birds in the tree.
Seven birds sat in the tree, and one bird sat on the car.
The king of the birds, said the old man, is the small one.
A queen of bees had made her nest in the old tree.
The children asked the man about the king and the queen.
He told them of a king who walked and a queen who rode.
The king had a dog and the queen had a cat, said the man.
Then the rain came back and the people ran to the house.
The cat slept in the warm house until the morning.
"""
# Made up for this file: how alike two words are, 0 to 10, as one reader saw it.
PAIRS = (
    *[("king", "queen", 8.5), ("cat", "dog", 7.5), ("street", "gate", 5.0), ("tree", "birds", 4.5)],
    *[("man", "people", 7.0), ("rain", "sky", 6.0), ("car", "street", 5.5), ("queen", "car", 0.5)],
    *[("evening", "red", 1.5), ("warm", "house", 3.5)],
)


def blend(top: tuple[int, ...], bottom: tuple[int, ...], height: int, width: int) -> np.ndarray:
    """Return (height, width, 3) colours that pass from one to the other."""
    part = np.linspace(0, 1, height)[:, None, None]
    return np.broadcast_to((1 - part) * np.array(top) + part * np.array(bottom), (height, width, 3))


def as_photograph(
    sharp: Image.Image, size: tuple[int, int], rng: np.random.Generator
) -> Image.Image:
    """Return a picture with the soft edges, the dark corners and the noise of a small camera."""
    small = sharp.resize(size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.6))
    values = np.asarray(small, dtype=np.float64)
    y, x = (np.linspace(-1, 1, count) for count in (size[1], size[0]))
    values *= (1 - 0.18 * (x[None, :] ** 2 + y[:, None] ** 2))[..., None]
    values += rng.normal(0, 2.0, values.shape)
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def draw_tree(draw: ImageDraw.ImageDraw, box: list[float], rng: np.random.Generator) -> None:
    x0, y0, x1, y1 = box
    middle, trunk = (x0 + x1) / 2, (x1 - x0) / 10
    draw.rectangle([middle - trunk, y0 + 0.6 * (y1 - y0), middle + trunk, y1], (84, 62, 44))
    crown = (x1 - x0) / 2, (y1 - y0) * 0.36
    draw.ellipse([x0, y0, x1, y0 + 2 * crown[1]], (52, 88, 44))
    for angle, reach in rng.uniform((0, 0), (2 * math.pi, 0.85), (160, 2)):
        x = middle + crown[0] * reach * math.cos(angle)
        y = y0 + crown[1] * (1 + reach * math.sin(angle))
        size, light = crown[0] * 0.12, int(rng.integers(-22, 26))
        draw.ellipse([x - size, y - size, x + size, y + size], (58 + light, 98 + light, 46 + light))


def draw_car(draw: ImageDraw.ImageDraw, box: list[float], colour: tuple[int, ...]) -> None:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    roof = [(0.18, 0.4), (0.3, 0.0), (0.68, 0.0), (0.84, 0.4)]
    draw.polygon([(x0 + a * width, y0 + b * height) for a, b in roof], colour)
    pane = [(0.25, 0.38), (0.34, 0.1), (0.65, 0.1), (0.76, 0.38)]
    draw.polygon([(x0 + a * width, y0 + b * height) for a, b in pane], (70, 86, 98))
    body = [x0, y0 + 0.38 * height, x1, y0 + 0.82 * height]
    draw.rounded_rectangle(body, 0.16 * height, colour)
    for part in (0.22, 0.78):
        middle, size = x0 + part * width, 0.2 * height
        draw.ellipse([middle - size, y1 - 2 * size, middle + size, y1], (28, 28, 30))


def draw_person(draw: ImageDraw.ImageDraw, box: list[float], colour: tuple[int, ...]) -> None:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    head = [x0 + 0.3 * width, y0, x0 + 0.7 * width, y0 + 0.16 * height]
    draw.ellipse(head, (205, 164, 136))
    draw.rounded_rectangle([x0, y0 + 0.16 * height, x1, y0 + 0.56 * height], 0.3 * width, colour)
    for left, right in ((0.12, 0.44), (0.56, 0.88)):
        draw.rectangle([x0 + left * width, y0 + 0.5 * height, x0 + right * width, y1], (48, 50, 62))


def draw_street() -> Image.Image:
    """Return a street with trees, cars and people, each inside its box of `OBJECTS`."""
    rng = np.random.default_rng(7)
    wide, high, horizon = WIDTH * SMOOTH, HEIGHT * SMOOTH, HEIGHT * SMOOTH // 2
    ground = [blend((150, 182, 214), (222, 226, 222), horizon, wide)]
    ground += [blend((118, 128, 92), (98, 112, 72), high // 16, wide)]
    ground += [blend((112, 110, 108), (78, 78, 80), high - horizon - high // 16, wide)]
    values = np.concatenate(ground)
    grain = rng.normal(0, 9, (HEIGHT // 2, WIDTH)).repeat(SMOOTH, 0).repeat(SMOOTH, 1)
    values[horizon:] += grain[..., None]
    sharp = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(sharp)
    shirts, cars = iter(SHIRTS), iter(CARS)
    for name, x, y, width, height in OBJECTS:
        box = [SMOOTH * side for side in (x, y, x + width, y + height)]
        if name == "tree":
            draw_tree(draw, box, rng)
        elif name == "car":
            draw_car(draw, box, next(cars))
        else:
            draw_person(draw, box, next(shirts))
    return as_photograph(sharp, (WIDTH, HEIGHT), rng)


def draw_cells() -> tuple[Image.Image, Image.Image]:
    """Return a picture of bright cells, and its mask: 255 inside a cell, 0 elsewhere."""
    rng = np.random.default_rng(11)
    size = 128
    sharp = Image.new("RGB", (size * SMOOTH, size * SMOOTH), (34, 28, 44))
    mask = Image.new("L", sharp.size, 0)
    for _ in range(9):
        x, y = rng.uniform(0.1, 0.9, 2) * size * SMOOTH
        wide, high = rng.uniform(0.05, 0.11, 2) * size * SMOOTH
        box = [x - wide, y - high, x + wide, y + high]
        light = int(rng.integers(-20, 30))
        ImageDraw.Draw(sharp).ellipse(box, (150 + light, 96 + light, 140 + light))
        ImageDraw.Draw(mask).ellipse(box, 255)
    small = mask.resize((size, size), Image.Resampling.BOX).point(
        lambda value: 255 * (value >= 128)
    )
    return as_photograph(sharp, (size, size), rng), small


def coco() -> dict[str, list[dict[str, object]]]:
    """Return the boxes of the street as COCO has them: x, y, width, height in pixels."""
    image = {"id": 1, "file_name": "street.png", "width": WIDTH, "height": HEIGHT}
    annotations = [
        {
            "id": number,
            "image_id": 1,
            "category_id": NAMES.index(name) + 1,
            "bbox": list(box),
            "area": box[2] * box[3],
            "iscrowd": 0,
        }
        for number, (name, *box) in enumerate(OBJECTS, 1)
    ]
    categories = [{"id": number, "name": name} for number, name in enumerate(NAMES, 1)]
    return {"images": [image], "annotations": annotations, "categories": categories}


def detections() -> list[dict[str, object]]:
    """Return what a detector might say: each object a little off, one twice, and a false one."""
    rng = np.random.default_rng(13)
    rows = [(name, np.array(box) + rng.normal(0, 1.5, 4)) for name, *box in OBJECTS]
    rows += [("car", np.array(OBJECTS[-1][1:]) + 6.0), ("person", np.array([60.0, 120, 14, 40]))]
    scores = [0.81, 0.77, 0.88, 0.92, 0.64, 0.95, 0.41, 0.3]
    return [
        {
            "image_id": 1,
            "category_id": NAMES.index(name) + 1,
            "bbox": [round(float(side), 2) for side in box],
            "score": score,
        }
        for (name, box), score in zip(rows, scores, strict=True)
    ]


def yolo() -> str:
    """Return the same boxes as YOLO has them: class, centre and size in parts of the picture."""
    return "".join(
        f"{NAMES.index(name)} {(x + w / 2) / WIDTH:.6f} {(y + h / 2) / HEIGHT:.6f} "
        f"{w / WIDTH:.6f} {h / HEIGHT:.6f}\n"
        for name, x, y, w, h in OBJECTS
    )


def write(folder: Path) -> list[Path]:
    """Write all samples into a folder and return their paths inside."""
    cells, mask = draw_cells()
    pictures = {
        "detection/images/street.png": draw_street(),
        "segmentation/images/cells.png": cells,
        "segmentation/masks/cells.png": mask,
    }
    texts = {
        "detection/labels/street.txt": yolo(),
        "detection/data.yaml": "path: .\ntrain: images\nval: images\n"
        f"names: [{', '.join(NAMES)}]\n",
        "detection/street.json": json.dumps(coco(), indent=1) + "\n",
        "detection/detections.json": json.dumps(detections(), indent=1) + "\n",
        "text/page.txt": SENTENCES,
        "text/pairs.txt": "".join(f"{one}\t{other}\t{score}\n" for one, other, score in PAIRS),
    }
    for name in (*pictures, *texts):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        picture.save(folder / name, optimize=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return sorted(Path(name) for name in (*pictures, *texts))


def with_checksums(page: str, folder: Path, names: list[Path]) -> str:
    """Return the page with the SHA-256 of every sample that its table names."""
    for name in names:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        row = re.compile(rf"^(\| `{re.escape(name.as_posix())}` \|.*\|)[^|]*\|$", re.MULTILINE)
        page, count = row.subn(rf"\g<1> `{digest}` |", page)
        if count != 1:
            raise SystemExit(f"README.md: expected one row of {name.as_posix()}, found {count}")
    return page


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    written = write(target)
    if target == HERE:
        readme = HERE / "README.md"
        readme.write_text(with_checksums(readme.read_text(), HERE, written), encoding="utf-8")
