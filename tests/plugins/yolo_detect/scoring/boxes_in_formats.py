"""One truth and its detections, written in every format."""

from __future__ import annotations

import gzip
import json

from PIL import Image

CLASSES = {3: "cat", 7: "dog"}
SIZES = {"a": (200, 100), "b": (100, 200), "empty": (50, 50)}
TRUTH = [  # stem, category, x1, y1, x2, y2
    ("a", 3, 10, 10, 60, 60),
    ("a", 7, 100, 20, 180, 90),
    ("b", 3, 5, 100, 95, 190),
    ("b", 3, 20, 10, 60, 50),
]
FOUND = [  # stem, category, score, x1, y1, x2, y2
    ("a", 3, 0.9, 12, 10, 60, 62),
    ("a", 7, 0.8, 100, 20, 150, 90),
    ("b", 3, 0.7, 5, 105, 95, 190),
    ("b", 7, 0.6, 20, 10, 60, 50),
    ("empty", 3, 0.5, 10, 10, 40, 40),
]
IDS = {stem: number for number, stem in enumerate(SIZES, start=1)}


def coco(folder):
    content = {
        "images": [
            {"id": IDS[stem], "file_name": f"{stem}.png", "width": w, "height": h}
            for stem, (w, h) in SIZES.items()
        ],
        "annotations": [
            {
                "id": number,
                "image_id": IDS[stem],
                "category_id": category,
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "area": (x2 - x1) * (y2 - y1),
                "iscrowd": 0,
            }
            for number, (stem, category, x1, y1, x2, y2) in enumerate(TRUTH, start=1)
        ],
        "categories": [{"id": number, "name": name} for number, name in CLASSES.items()],
    }
    path = folder / "truth.json"
    path.write_text(json.dumps(content))
    return path


def results(folder, name="results.json.gz"):
    rows = [
        {
            "image_id": IDS[stem],
            "category_id": category,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "score": score,
        }
        for stem, category, score, x1, y1, x2, y2 in FOUND
    ]
    text = json.dumps(rows).encode()
    (folder / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return folder / name


def pictures(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for stem, size in SIZES.items():
        Image.new("RGB", size).save(folder / f"{stem}.png")
    return folder


def yolo(folder, rows, pictures_at=None):
    """Label files; detections have their score as the sixth number."""
    folder.mkdir(parents=True)
    (folder / "classes.txt").write_text("cat\ndog\n")
    if pictures_at is not None:
        pictures(pictures_at)
    for stem in SIZES:
        lines = []
        width, height = SIZES[stem]
        for own, category, *score, x1, y1, x2, y2 in rows:
            if own == stem:
                box = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height)
                box += ((x2 - x1) / width, (y2 - y1) / height)
                label = list(CLASSES).index(category)
                lines.append(" ".join(map(str, (label, *box, *score))))
        if lines:
            (folder / f"{stem}.txt").write_text("\n".join(lines))
    return folder


def voc(folder, rows):
    folder.mkdir()
    for stem, (width, height) in SIZES.items():
        objects = "".join(
            f"<object><name>{CLASSES[category]}</name>"
            + "".join(f"<score>{value}</score>" for value in score)
            + f"<difficult>0</difficult><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax>"
            f"<ymax>{y2}</ymax></bndbox></object>"
            for own, category, *score, x1, y1, x2, y2 in rows
            if own == stem
        )
        size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        text = f"<annotation><filename>{stem}.png</filename>{size}{objects}</annotation>"
        (folder / f"{stem}.xml").write_text(text)
    return folder


def table(path, rows):
    scored = len(rows[0]) == 7
    lines = ["image;class;" + ("score;" if scored else "") + "x1;y1;x2;y2"]
    lines += [
        ";".join([stem, CLASSES[category], *map(str, rest)]) for stem, category, *rest in rows
    ]
    if not scored:
        lines.append("empty" + ";" * 5)
    path.write_text("\n".join(lines))
    return path
