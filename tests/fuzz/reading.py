"""One damaged input of each kind, read as the product reads it.

Each reader makes the input of a seed in a folder and reads it. It returns "" if what was read is
sound, else what is wrong with it; a refusal is an `NNTasksError`, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fuzz import mutated_labels, mutated_pictures, mutated_words
from fuzz.run_folders import Runs
from PIL import Image

from nntasks.errors import UsageError
from nntasks.pictures.files import image_size, read_image
from nntasks.pictures.labels import read_labels
from nntasks.pictures.whole import whole_image_size
from nntasks.plugins.embedding_analysis.groups import read_groups
from nntasks.plugins.embedding_analysis.measures.association import weat_tests
from nntasks.plugins.embedding_analysis.measures.outliers import read_tests
from nntasks.plugins.embeddings.count_files import with_counts
from nntasks.plugins.embeddings.questions import read_analogies, read_pairs
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.yolo_detect.data.coco_json import CocoJson
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder
from nntasks.seeding import Seeds

Reader = Callable[[int, Path], str]
_IN_THE_FOLDER = ("a.png", "b.png")


def readers() -> dict[str, tuple[int, Reader]]:
    """Return how many of 10,000 inputs are of each kind, and its reader."""
    kinds: dict[str, tuple[int, Reader]] = {
        **{f"picture {kind}": (300, partial(_picture, kind)) for kind in mutated_pictures.KINDS},
        "labels": (1500, _labels),
        "coco": (1500, _coco),
        "data.yaml": (1000, _description),
        **{f"vectors {kind}": (440, partial(_vectors, kind)) for kind in mutated_words.VECTORS},
        **{f"words {kind}": (200, partial(_questions, kind)) for kind in mutated_words.QUESTIONS},
        "run folder": (500, Runs().fault_of),
    }
    return kinds


def fault_of_picture(path: Path) -> tuple[str, str]:
    """Return what became of a picture ("read" or "refused"), and what is wrong, or ""."""
    sizes: list[tuple[int, int] | None] = []
    for read in (image_size, lambda p: read_image(p).shape[1::-1]):
        try:
            sizes.append(read(path))
        except UsageError as error:
            sizes.append(None)
            if "\n" in str(error) or str(path) not in str(error):
                return "refused", f"message {error}"
        except BaseException as error:
            return "refused", f"{type(error).__name__}: {error}"
    if sizes[1] is None:
        return "refused", ""
    return "read", "" if sizes[0] == sizes[1] else f"size {sizes[0]}, picture {sizes[1]}"


def _picture(kind: str, seed: int, folder: Path) -> str:
    path = folder / f"x.{kind.lower()}"
    path.write_bytes(mutated_pictures.mutated(kind, seed))
    verdict, fault = fault_of_picture(path)
    if verdict == "read" and not fault:
        height, width = read_image(path).shape[:2]
        if whole_image_size(path) != (width, height):
            fault = f"size {whole_image_size(path)} before it is read, {width, height} after"
    if not fault:
        read_labels(path)
    if verdict == "refused" and not fault:
        return "refused as a picture, read as a mask"
    return fault


def _labels(seed: int, folder: Path) -> str:
    place = _detection_set(folder)
    (place / "labels/val/b.txt").write_bytes(mutated_labels.label_file(seed))
    return _wrong_truth(YoloFolder(YoloFolder.Config(path=place), Seeds(0)).load(None))


def _description(seed: int, folder: Path) -> str:
    place = _detection_set(folder)
    (place / "labels/val/b.txt").write_text("1 0.5 0.5 0.25 0.5\n")
    (place / "other.yaml").write_bytes(mutated_labels.description(seed))
    options = YoloFolder.Config(path=place / "other.yaml")
    return _wrong_truth(YoloFolder(options, Seeds(0)).load(None))


def _coco(seed: int, folder: Path) -> str:
    place = _detection_set(folder)
    (place / "truth.json").write_bytes(mutated_labels.coco_file(seed))
    options = CocoJson.Config(
        test_annotations=place / "truth.json", images=place / "images" / "val"
    )
    return _wrong_truth(CocoJson(options, Seeds(0)).load(None))


def _detection_set(folder: Path) -> Path:
    """Make the two pictures that labels and annotations are about, once."""
    place = folder / "detection"
    if not place.exists():
        (place / "images/val").mkdir(parents=True)
        (place / "labels/val").mkdir(parents=True)
        for name in _IN_THE_FOLDER:
            Image.new("RGB", (40, 30), (90, 120, 30)).save(place / "images/val" / name)
            (place / "labels/val" / name).with_suffix(".txt").write_text("0 0.5 0.5 0.25 0.5\n")
        (place / "list.txt").write_text("images/val/a.png\nimages\\val\\b.png\n")
        (place / "data.yaml").write_text(mutated_labels.DESCRIPTIONS[0])
    return place


def _wrong_truth(splits: Any) -> str:
    """Return what is wrong with the true boxes that were read, or ""."""
    classes = splits.info.classes
    for sample in (*splits.train, *splits.validation, *splits.test):
        truth = sample.truth
        boxes_right = (
            np.isfinite(truth.boxes).all() and (truth.boxes[:, 2:] >= truth.boxes[:, :2]).all()
        )
        if not (boxes_right and (truth.areas >= 0).all()):
            return f"boxes {truth.boxes.tolist()}"
        if not ((truth.labels >= 0) & (truth.labels < len(classes))).all():
            return f"labels {truth.labels.tolist()} of {len(classes)} classes"
    return "" if len(set(classes)) == len(classes) else f"classes {classes}"


def _vectors(kind: str, seed: int, folder: Path) -> str:
    path = folder / f"vectors{('.vec', '.bin', '.safetensors', '.txt', '')[seed % 5]}"
    path.write_bytes(mutated_words.vector_file(kind, seed))
    limit = (None, None, 2, 10**6)[seed % 4]
    errors = ("strict", "strict", "replace", "ignore")[seed // 4 % 4]
    vectors = read_vectors(path, limit=limit, errors=errors)
    matrix = np.asarray(vectors.matrix)
    if not np.isfinite(matrix).all() or matrix.shape != (len(vectors), vectors.dim):
        return f"a matrix of {matrix.shape}, {matrix.tolist()}"
    if len(set(vectors.words)) < len(vectors) or "" in vectors.words or not len(vectors):
        return f"words {vectors.words}"
    mapped = read_vectors(path, memory_map=True, limit=limit, errors=errors)
    if mapped.words != vectors.words or not np.array_equal(np.asarray(mapped.matrix), matrix):
        return "other vectors where they are mapped"
    return ""


def _questions(kind: str, seed: int, folder: Path) -> str:
    path = folder / f"{kind}.txt"
    path.write_bytes(mutated_words.question_file(kind, seed))
    if kind == "pairs":
        return "" if all(np.isfinite(pair.score) for pair in read_pairs(path)) else "a score"
    if kind == "analogies":
        return "" if read_analogies(path) else "no questions"
    if kind == "counts":
        vectors = KeyedVectors.of(["king", "queen", "new york"], np.ones((3, 2), np.float32))
        return "" if (with_counts(vectors, path).counts >= 0).all() else "a count below zero"
    if kind == "outliers":
        return "" if all(test.members and test.outliers for test in read_tests(path)) else "empty"
    groups = read_groups(path)
    if kind == "weat":
        weat_tests(groups, path)
    return "" if all(groups.values()) else "an empty group"
