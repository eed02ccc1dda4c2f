"""The files and options beside truth and detections: checked before anything is computed."""

from __future__ import annotations

import json

import pytest
from boxes_in_formats import TRUTH, coco, results, table

from nntasks.scoring import score


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("images=nope", 3, "images: there is no folder nope"),
        ("names=nope", 3, "names: there is no file nope"),
        ("slices=nope", 3, "slices: there is no file nope"),
        ("images=truth.json", 2, "images: expected a folder, got the file truth.json"),
        ("names=.", 2, "names: expected a file, got the folder ."),
        ("conventions=", 2, "conventions: expected at least one of pycocotools,"),
    ],
)
def test_a_wrong_one_leaves_nothing_behind(cli_here, tmp_path, word, code, said):
    coco(tmp_path)
    results(tmp_path, "found.json")
    words = ("score", "yolo_detect", "truth=truth.json", "found=found.json", word, "--out", "o")
    done = cli_here(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert f"nntasks: {said}" in done.stderr
    assert not (tmp_path / "o").exists()


def csv(at):
    return table(at / "truth.csv", TRUTH)


@pytest.mark.parametrize(
    ("truth", "key"),
    [(truth, key) for truth in (coco, csv) for key in ("name", "stem", "path")] + [(coco, "id")],
)
def test_slices_name_images_like_all_other_files(tmp_path, truth, key):
    """Listed in another order than the ids, which the numbers go by."""
    path = truth(tmp_path)
    if path.suffix == ".json":
        content = json.loads(path.read_text())
        content["images"].reverse()
        path.write_text(json.dumps(content))
    words = {
        "id": ("1", "2", "3"),
        "name": ("a.png", "b.png", "empty.png"),
        "stem": ("a", "b", "empty"),
        "path": ("photos/a.jpg", "photos/b.jpg", "photos/empty.jpg"),
    }[key]
    rows = [f"{word},{light}" for word, light in zip(words, ("day", "day", "night"), strict=True)]
    slices = tmp_path / "slices.csv"
    slices.write_text("\n".join(["image,light", *rows]))
    found = table(tmp_path / "found.csv", [("b", 3, 0.7, 5, 100, 95, 190)])
    scores = score("yolo_detect", path, found, options={"slices": str(slices)})
    day, night = scores.to_dict()["found"][0]["errors"]["slices"]
    assert (day["value"], day["images"], day["recall"]) == ("day", 2, pytest.approx(0.25))
    assert (night["value"], night["images"], night["recall"]) == ("night", 1, None)
