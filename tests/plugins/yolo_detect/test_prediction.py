"""`predict`: boxes in the user's pixels, pictures, and one bad file among good ones."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photographs(tmp_path, real_data, reference):
    """Return a folder with two photographs."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for image in reference["images"][:2]:
        shutil.copy(real_data / image["file"], folder)
    return folder


def test_photographs_by_folder_and_pattern(cli, tmp_path, photographs, public_weights, reference):
    words = ("predict", "yolo_detect", "--weights", public_weights)
    process = cli(
        *words, photographs, f"{photographs}/*.jpg", "--out", tmp_path / "out", plugins=()
    )
    assert process.returncode == 0, process.stderr
    records = json.loads((tmp_path / "out" / "predictions.json").read_text())
    first = reference["images"][0]
    name = first["file"].rpartition("/")[2]
    mine = [record for record in records if record["file"].endswith(name)]
    theirs = first["detect_conf0.25_iou0.45"]
    assert [record["class"] for record in mine] == [box["name"] for box in theirs]
    for ours, box in zip(mine, theirs, strict=True):
        assert ours["score"] == pytest.approx(box["score"], abs=1e-3)
        assert [ours[key] for key in ("x1", "y1", "x2", "y2")] == pytest.approx(box["box"], abs=0.5)
    with open(tmp_path / "out" / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class"] for row in rows] == [record["class"] for record in records]
    with Image.open(tmp_path / "out" / name) as picture, Image.open(photographs / name) as before:
        assert picture.size == before.size
        changed = np.abs(np.asarray(picture, float) - np.asarray(before, float)).max(2) > 60
    x1, y1, x2, _ = (round(value) for value in theirs[0]["box"])
    assert changed[y1 : y1 + 2, x1:x2].mean() > 0.9  # the upper edge of the first box


def test_one_bad_file_stops_no_other(cli, tmp_path, photographs, public_weights):
    (photographs / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    process = cli(
        "predict",
        "yolo_detect",
        "--weights",
        public_weights,
        photographs,
        "--out",
        tmp_path / "out",
        plugins=(),
    )
    assert process.returncode == 1
    (line,) = (line for line in process.stderr.splitlines() if line.startswith("nntasks: "))
    assert "broken.jpg" in line
    assert "2 of 3 files were predicted" in line
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 2
    assert json.loads((tmp_path / "out" / "predictions.json").read_text())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing.jpg"], "nothing.jpg: expected a file, a folder or a pattern"),
        (["."], "holds no file of the kinds .jpg"),
        (["README.md"], "expected a file of the kinds .jpg"),
    ],
)
def test_sources_that_name_nothing(cli, tmp_path, public_weights, words, message):
    (tmp_path / "README.md").write_text("no picture")
    process = cli(
        "predict", "yolo_detect", "--weights", public_weights, *words, cwd=tmp_path, plugins=()
    )
    assert process.returncode == 2
    assert message in process.stderr
    assert not (tmp_path / "predictions").exists()
