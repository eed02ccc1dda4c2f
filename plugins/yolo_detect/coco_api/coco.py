"""`COCO`: annotations by image and category, with pycocotools' methods."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.json_files import read_json

Ids = int | Sequence[int]


class COCO:
    """The content of an annotation file.

    Attributes:
        dataset: the content as it is.
        anns, imgs, cats: rows by their id.
        imgToAnns: annotations of each image.
        catToImgs: ids of the images of each category, one for each of its annotations.
    """

    def __init__(self, annotation_file: str | Path | None = None) -> None:
        self.dataset: dict[str, Any] = {}
        self.anns: dict[Any, Any] = {}
        self.cats: dict[Any, Any] = {}
        self.imgs: dict[Any, Any] = {}
        self.imgToAnns: defaultdict[Any, list[Any]] = defaultdict(list)
        self.catToImgs: defaultdict[Any, list[Any]] = defaultdict(list)
        if annotation_file is not None:
            content = read_json(Path(annotation_file))
            if not isinstance(content, dict):
                raise UsageError(
                    f"{annotation_file}: expected a mapping with images, annotations and "
                    f"categories, got {type(content).__name__}"
                )
            self.dataset = content
            self.createIndex()

    def createIndex(self) -> None:
        """Sort the rows of `dataset` by image and category."""
        self.anns, self.imgs, self.cats = {}, {}, {}
        self.imgToAnns, self.catToImgs = defaultdict(list), defaultdict(list)
        for row in self.dataset.get("annotations", ()):
            self.imgToAnns[row["image_id"]].append(row)
            self.anns[row["id"]] = row
        self.imgs = {row["id"]: row for row in self.dataset.get("images", ())}
        self.cats = {row["id"]: row for row in self.dataset.get("categories", ())}
        if "categories" in self.dataset:
            for row in self.dataset.get("annotations", ()):
                self.catToImgs[row["category_id"]].append(row["image_id"])

    def info(self) -> None:
        """Print the information about the annotation file."""
        for key, value in self.dataset["info"].items():
            print(f"{key}: {value}")

    def getAnnIds(
        self,
        imgIds: Ids = (),
        catIds: Ids = (),
        areaRng: Sequence[float] = (),
        iscrowd: bool | None = None,
    ) -> list[Any]:
        """Return the ids of the annotations that pass all filters; an empty one lets all pass."""
        images, categories = _several(imgIds), set(_several(catIds))
        if images:
            rows: Iterable[Any] = [row for name in images for row in self.imgToAnns.get(name, ())]
        else:
            rows = self.dataset["annotations"]
        return [
            row["id"]
            for row in rows
            if (not categories or row["category_id"] in categories)
            and (not len(areaRng) or areaRng[0] < row["area"] < areaRng[1])
            and (iscrowd is None or row["iscrowd"] == iscrowd)
        ]

    def getCatIds(self, catNms: Any = (), supNms: Any = (), catIds: Ids = ()) -> list[Any]:
        """Return the ids of the categories that satisfy all filters."""
        names, parents = (
            set([given] if isinstance(given, str) else given) for given in (catNms, supNms)
        )
        numbers = set(_several(catIds))
        return [
            row["id"]
            for row in self.dataset["categories"]
            if (not names or row["name"] in names)
            and (not parents or row["supercategory"] in parents)
            and (not numbers or row["id"] in numbers)
        ]

    def getImgIds(self, imgIds: Ids = (), catIds: Ids = ()) -> list[Any]:
        """Return the ids of the images, of those given, that have objects of all categories."""
        chosen = set(_several(imgIds))
        categories = _several(catIds)
        if not chosen and not categories:
            return list(self.imgs)
        for place, category in enumerate(categories):
            own = set(self.catToImgs[category])
            chosen = own if not place and not chosen else chosen & own
        return list(chosen)

    def loadAnns(self, ids: Ids = ()) -> list[Any]:
        """Return annotations by id."""
        return [self.anns[name] for name in _several(ids)]

    def loadCats(self, ids: Ids = ()) -> list[Any]:
        """Return categories by id."""
        return [self.cats[name] for name in _several(ids)]

    def loadImgs(self, ids: Ids = ()) -> list[Any]:
        """Return images by id."""
        return [self.imgs[name] for name in _several(ids)]

    def loadRes(self, resFile: Any) -> COCO:
        """Return results as annotations of the same images.

        Args:
            resFile: a file, a list of mappings with image_id, category_id, bbox and score, or an
                array (N, 7) of image id, x, y, width, height, score, category id.
        """
        if isinstance(resFile, (str, Path)):
            rows = read_json(Path(resFile))
        elif isinstance(resFile, np.ndarray):
            rows = self.loadNumpyAnnotations(resFile)
        else:
            rows = resFile
        if not isinstance(rows, list):
            raise UsageError(f"expected a list of results, got {type(rows).__name__}")
        unknown = {row["image_id"] for row in rows} - set(self.imgs)
        if unknown:
            raise UsageError(f"results are of images that are not in the truth: {min(unknown)!r}")
        if rows and not rows[0].get("bbox"):
            raise UsageError(
                "expected results with 'bbox'; masks, keypoints and captions are not supported, "
                "use pycocotools for them"
            )
        made = COCO()
        made.dataset = {
            "info": copy.deepcopy(self.dataset.get("info", {})),
            "images": list(self.dataset["images"]),
            "categories": copy.deepcopy(self.dataset["categories"]),
            "annotations": rows,
        }
        for number, row in enumerate(rows, start=1):
            x, y, width, height = row["bbox"]
            if "segmentation" not in row:
                row["segmentation"] = [[x, y, x, y + height, x + width, y + height, x + width, y]]
            row["area"] = width * height
            row["id"] = number
            row["iscrowd"] = 0
        made.createIndex()
        return made

    def loadNumpyAnnotations(self, data: np.ndarray) -> list[dict[str, Any]]:
        """Return rows (N, 7) of image id, x, y, width, height, score, category id as results."""
        if data.ndim != 2 or data.shape[1] != 7:
            raise UsageError(f"expected an array (N, 7), got shape {data.shape}")
        return [
            {
                "image_id": int(row[0]),
                "bbox": [row[1], row[2], row[3], row[4]],
                "score": row[5],
                "category_id": int(row[6]),
            }
            for row in data
        ]

    def showAnns(self, anns: Any, draw_bbox: bool = False) -> None:
        """Refused: nothing is drawn here."""
        raise _refused("showAnns")

    def download(self, tarDir: Any = None, imgIds: Any = ()) -> None:
        """Refused: nothing is downloaded here."""
        raise _refused("download")

    def annToRLE(self, ann: Any) -> None:
        """Refused: masks are not supported."""
        raise _refused("annToRLE")

    def annToMask(self, ann: Any) -> None:
        """Refused: masks are not supported."""
        raise _refused("annToMask")


def _refused(name: str) -> UsageError:
    return UsageError(f"COCO.{name} is not supported, only boxes are; use pycocotools for it")


def _several(ids: Any) -> list[Any]:
    return list(ids) if hasattr(ids, "__iter__") and not isinstance(ids, str) else [ids]
