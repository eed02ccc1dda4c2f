"""The files that the documentation's examples name: they mean the same on every page.

A file is made when the blocks that are about to run name it. `runs/TASK/latest` is a run of
seconds, trained once for all pages.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from command_line import ROOT
from PIL import Image

import nntasks as nt
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.plugins.word2vec import KeyedVectors
from pages.blocks import Block, blocks_of

SAMPLES = ROOT / "data"
QUICK_RUNS = {
    "unet_segment": {
        "epochs": 1,
        "width": 4,
        "depth": 2,
        "batch_size": 8,
        "data_options": {"size": 64, "train": 16, "validation": 4, "test": 6},
    },
    "yolo_detect": {"epochs": 1, "data_options": {"train": 8, "validation": 2, "test": 2}},
    "cnn_classify": {"epochs": 1},
    "numpy_mlp": {"epochs": 1},
    "word2vec": {"epochs": 1},
    "embedding_analysis": {"maps": "pca"},
}


def _photo(path: Path) -> None:
    Image.open(SAMPLES / "detection/images/street.png").convert("RGB").save(path)


def _photos(path: Path) -> None:
    path.mkdir()
    _photo(path / "street.jpg")


def _copy(name: str) -> Callable[[Path], None]:
    return lambda path: shutil.copy(SAMPLES / name, path)


def _cells(kind: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        for number in range(4):
            shutil.copy(SAMPLES / "segmentation" / kind / "cells.png", path / f"{number}.png")

    return make


def _flowers(path: Path) -> None:
    for colour in ("red", "blue"):
        (path / colour).mkdir(parents=True)
        for number in range(6):
            Image.new("RGB", (70, 64), colour).save(path / colour / f"{number}.png")


def _pictures(path: Path) -> None:
    path.mkdir()
    Image.new("RGB", (640, 480)).save(path / "street.jpg")


def _test_instances(path: Path) -> None:
    (block,) = (b for b in blocks_of(ROOT / "docs/data.md") if b.language == "json")
    path.write_text(block.text, encoding="utf-8")


def _streets(path: Path) -> None:
    for part, name in (("train", "street"), ("val", "park")):
        (path / "images" / part).mkdir(parents=True)
        _photo(path / "images" / part / f"{name}.jpg")
        (path / "labels" / part).mkdir(parents=True)
        (path / "labels" / part / f"{name}.txt").write_text("0 0.5 0.5 0.2 0.2")


def _labels(path: Path) -> None:
    path.mkdir(parents=True)
    shutil.copy(SAMPLES / "detection/labels/street.txt", path)
    names = [one["name"] for one in json.loads(_street())["categories"]]
    (path / "classes.txt").write_text("\n".join(names))


def _found_labels(path: Path) -> None:
    _labels(path)
    lines = (path / "street.txt").read_text().splitlines()
    (path / "street.txt").write_text("\n".join(f"{line} 0.9" for line in lines))


def _results() -> list[dict[str, Any]]:
    found = json.loads((SAMPLES / "detection/detections.json").read_text(encoding="utf-8"))
    return list(found)


def _named_results(path: Path) -> None:
    """Name the picture by its stem and count classes from 0, as trainers of YOLO write results."""
    rows = [
        {**row, "image_id": "street", "category_id": row["category_id"] - 1} for row in _results()
    ]
    path.write_text(json.dumps(rows))


def _weaker(path: Path) -> None:
    path.write_text(json.dumps(_results()[1:]))


def _street() -> str:
    return (SAMPLES / "detection/street.json").read_text(encoding="utf-8")


def _vectors(seed: int) -> Callable[[Path], None]:
    words = ["king", "queen", "man", "woman", "cat", "dog", "car", "tree", "house", "road"]
    matrix = np.random.default_rng(seed).normal(size=(len(words), 8)).astype(np.float32)
    return lambda path: write_vectors(KeyedVectors.of(words, matrix), path)


_TEXT = "the king met the queen\na cat sat near the road\nthe dog and the car\n" * 40


def _corpus(path: Path) -> None:
    path.write_text(_TEXT, encoding="utf-8")


def _books(path: Path) -> None:
    path.mkdir()
    _corpus(path / "one.txt")


_FILES: dict[str, Callable[[Path], object]] = {
    "data": lambda path: path.symlink_to(SAMPLES),
    "photo.jpg": _photo,
    "photo.png": _photo,
    "photos": _photos,
    "cells": _cells("images"),
    "masks": _cells("masks"),
    "flowers": _flowers,
    "pictures": _pictures,
    "test.json": _test_instances,
    "streets": _streets,
    "instances.json": _copy("detection/street.json"),
    "instances_val2017.json": _copy("detection/street.json"),
    "a.json": _copy("detection/street.json"),
    "b.json": _copy("detection/detections.json"),
    "ours.json": _named_results,
    "weaker.json": _weaker,
    "results.json": _copy("detection/detections.json"),
    "labels/val": _labels,
    "theirs/labels": _found_labels,
    "my.vec": _vectors(0),
    "seed0.bin": _vectors(0),
    "seed1.bin": _vectors(1),
    "corpus.txt": _corpus,
    "corpus.txt.gz": lambda path: path.write_bytes(gzip.compress(_TEXT.encode())),
    "books": _books,
}
_DATA_FILES = {
    "path/to/data": ".",
    "yolov5n.safetensors": "yolov5n/yolov5n.safetensors",
}


def make(folder: Path, blocks: Sequence[Block], runs: Path, data: Path | None) -> None:
    """Make in `folder` what the blocks name; `runs` keeps the runs that all pages share."""
    text = "\n".join(block.text for block in blocks)
    wanted = {name: maker for name, maker in _FILES.items() if _is_named(name, text)}
    for name, maker in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        maker(folder / name)
    for name, place in _DATA_FILES.items() if data else ():
        if _is_named(name, text):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(data / place)
    for task in QUICK_RUNS:
        if f"runs/{task}/latest" in text:
            shutil.copytree(_run(task, runs), folder / "runs" / task, symlinks=True)


def _is_named(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w.-])", text) is not None


def _run(task: str, runs: Path) -> Path:
    if not (runs / task / "latest").exists():
        nt.run(task, out=runs, **QUICK_RUNS[task])
    return runs / task


def make_python(folder: Path, packages: Path) -> Path:
    """Make an environment with all packages of this one, into which a page can install."""
    venv.create(folder, symlinks=True)
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "these.pth").write_text(f"{packages}\n")
    return folder / "bin"
