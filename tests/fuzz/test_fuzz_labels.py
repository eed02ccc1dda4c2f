"""Damaged labels, COCO and YAML files are read, or refused in one line of ours; nothing else."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from fuzz import mutated_labels
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from property_tests import examples

from nntasks.errors import NNTasksError
from nntasks.interfaces import Splits
from nntasks.plugins.yolo_detect.data.coco_json import CocoJson
from nntasks.plugins.yolo_detect.data.yolo_folder import YoloFolder
from nntasks.seeding import Seeds

seeds = st.integers(0, 2**63)


def outcome(load) -> Splits | None:
    """Return the data, or None where they were refused; anything else fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            splits = load()
        except NNTasksError as caught:
            error, splits = caught, None
    if splits is None:
        assert error.exit_code in (2, 3)
        assert str(error).isprintable()
        return None
    for part in (splits.train, splits.validation, splits.test):
        for sample in part:
            truth = sample.truth
            assert np.isfinite(truth.boxes).all()
            assert (truth.boxes[:, 2:] >= truth.boxes[:, :2]).all()
            assert (truth.areas >= 0).all()
            assert ((truth.labels >= 0) & (truth.labels < len(splits.info.classes))).all()
    assert len(set(splits.info.classes)) == len(splits.info.classes)
    return splits


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set in both formats: two pictures of 40 x 30 pixels."""
    root = tmp_path_factory.mktemp("set")
    (root / "images" / "val").mkdir(parents=True)
    (root / "labels" / "val").mkdir(parents=True)
    for name in ("a", "b"):
        Image.new("RGB", (40, 30), (90, 120, 30)).save(root / "images" / "val" / f"{name}.png")
        (root / "labels" / "val" / f"{name}.txt").write_text("0 0.5 0.5 0.25 0.5\n")
    (root / "list.txt").write_text("images/val/a.png\nimages\\val\\b.png\n")
    (root / "data.yaml").write_text(mutated_labels.DESCRIPTIONS[0])
    return root


def load_folder(path: Path) -> Splits:
    return YoloFolder(YoloFolder.Config(path=path), Seeds(0)).load(None)


@given(seeds)
@examples(150)
def test_label_files(folder: Path, seed: int) -> None:
    path = folder / "labels" / "val" / "b.txt"
    kept = path.read_bytes()
    path.write_bytes(mutated_labels.label_file(seed))
    try:
        outcome(lambda: load_folder(folder))
    finally:
        path.write_bytes(kept)


@given(seeds)
@examples(150)
def test_coco_files(folder: Path, seed: int) -> None:
    path = folder / "truth.json"
    path.write_bytes(mutated_labels.coco_file(seed))
    options = CocoJson.Config(test_annotations=path, images=folder / "images" / "val")
    outcome(lambda: CocoJson(options, Seeds(0)).load(None))


@given(seeds)
@examples(150)
def test_descriptions(folder: Path, seed: int) -> None:
    path = folder / "other.yaml"
    path.write_bytes(mutated_labels.description(seed))
    outcome(lambda: load_folder(path))


def test_sound_files_are_read(folder: Path) -> None:
    """The files that are damaged above are read as they are."""
    for text in mutated_labels.DESCRIPTIONS:
        (folder / "other.yaml").write_text(text)
        splits = outcome(lambda: load_folder(folder / "other.yaml"))
        assert splits is not None
        assert len(splits.test) == 2
