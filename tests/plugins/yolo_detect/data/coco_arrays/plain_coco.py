"""Plain rows of COCO files, and files that hold them."""

from __future__ import annotations

import json

ROW = {"image_id": 1, "category_id": 2, "bbox": [1.5, 2, 3e1, 0.25], "score": 0.5}
TRUTH = {
    "images": [{"id": 3, "file_name": "3.png"}, {"id": 1, "file_name": "é.png"}],
    "annotations": [
        {"id": 7, "image_id": 3, "category_id": 5, "bbox": [1, 2, 3, 4], "iscrowd": 1},
        {"image_id": 1, "category_id": 2, "bbox": [0.5, 1, 2, 2], "area": 3.5, "id": None},
        {
            "id": 9,
            "image_id": 1,
            "category_id": 2,
            "bbox": [0, 0, 1, 1],
            "area": None,
            "segmentation": [[1, 2.5e-1, -3]],
            "iscrowd": None,
            "text": '\\ " é 😀 \n',
        },
    ],
    "categories": [{"id": 5, "name": "dog"}, {"id": 2, "name": "Käfer"}],
}


def written(folder, content, name="file.json"):
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    return path
