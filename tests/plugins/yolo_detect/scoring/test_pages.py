"""The page of a score: written beside the results, with pictures from their own folder."""

from __future__ import annotations

import json
import re

import pytest
from browser import BROWSER, dom
from PIL import Image

from nntasks.errors import UsageError
from nntasks.report.score_page import write_score
from nntasks.scoring import score


@pytest.fixture
def given(tmp_path):
    """Return truth, found and the folder of the pictures, of which the third is missing."""
    images = tmp_path / "my photos"
    images.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (60, 40), "green").save(images / f"{name}.png")
    truth = {
        "images": [
            {"id": n, "file_name": f"{name}.png", "width": 60, "height": 40}
            for n, name in enumerate("abc", 1)
        ],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 20, 20], "area": 400},
            {"id": 2, "image_id": 2, "category_id": 1, "bbox": [9, 9, 10, 10], "area": 100},
        ],
    }
    found = [{"image_id": 1, "category_id": 1, "bbox": [5, 5, 20, 19], "score": 0.75}]
    return truth, found, images


def browsed(page):
    return json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', page, re.S).group(1)
    )


def kinds_of(data, picture):
    """Return the names of the kinds of a picture's outlines; see `core/report/browser.py`."""
    numbers, kinds = list(picture[5]), []
    while numbers:
        _, kind, _, _, count = numbers[:5]
        kinds.append(data["kinds"][kind][0])
        del numbers[: 5 + count]
    return kinds


def test_pictures_are_named_relative_to_the_page(given, tmp_path):
    truth, found, images = given
    scores = score("yolo_detect", truth, found, options={"images": images})
    out = tmp_path / "new" / "out"
    assert write_score(scores, out, ["score"]) == [out / "results.json", out / "report.html"]
    assert json.loads((out / "results.json").read_text()) == scores.to_dict()
    data = browsed((out / "report.html").read_text())
    pictures = {picture[0]: picture for picture in data["pictures"]}
    assert pictures.keys() == {"1", "2"}
    assert pictures["1"][1:4] == ["../../my%20photos/a.png", 60, 40]
    assert kinds_of(data, pictures["1"]) == ["object", "right"]
    assert kinds_of(data, pictures["2"]) == ["missed"]


def test_each_set_of_predictions_has_its_page(given, tmp_path):
    truth, found, _ = given
    scores = score("yolo_detect", truth, {"Mine / best": found, "theirs": []})
    files = write_score(scores, tmp_path / "out", ["score"])
    assert [file.name for file in files[1:]] == ["report-mine-best.html", "report-theirs.html"]
    page = files[1].read_text()
    assert "precision_recall" not in page
    assert "Precision against recall" in page
    assert 'class="browser"' not in page


def test_the_page_says_where_the_errors_lie(given, tmp_path):
    truth, found, _ = given
    truth["annotations"].append({**truth["annotations"][0], "id": 3})
    found.append({"image_id": 3, "category_id": 1, "bbox": [1, 1, 9, 9], "score": 0.9})
    (tmp_path / "slices.csv").write_text("image,light\n1,day\n2,night\n3,day\n")
    scores = score("yolo_detect", truth, found, options={"slices": tmp_path / "slices.csv"})
    (page,) = scores.pages
    tables = {table.name: table for table in page.tables()}
    assert list(tables) == [
        "recall_by_size",
        "recall_by_crowding",
        "slices",
        "reliability",
        "duplicates_in_truth",
        "unlabelled",
    ]
    assert [row[1:3] for row in tables["slices"].rows] == [["day", 2], ["night", 1]]
    assert tables["unlabelled"].rows[0][:3] == [3, "cat", 0.9]
    _, file = write_score(scores, tmp_path / "out", ["score"])
    text = file.read_text()
    assert "Detections of things that the truth may lack" in text
    assert '<h2 id="notes-heading">Notes</h2>' in text
    assert "resamples=1000 gives every number its 95 % interval" in text
    assert "warnings-heading" not in text


def test_a_slices_file_without_images_is_refused(given, tmp_path):
    truth, found, _ = given
    (tmp_path / "slices.csv").write_text("light\nday\n")
    with pytest.raises(UsageError, match=r"slices\.csv"):
        score("yolo_detect", truth, found, options={"slices": tmp_path / "slices.csv"})


def test_a_folder_that_cannot_be_written_is_one_line(given, cli_here, tmp_path):
    truth, found, _ = given
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    (tmp_path / "found.json").write_text(json.dumps(found))
    (tmp_path / "file").write_text("")
    done = cli_here(
        "score",
        "yolo_detect",
        f"truth={tmp_path / 'truth.json'}",
        f"found={tmp_path / 'found.json'}",
        "--out",
        tmp_path / "file" / "out",
    )
    assert done.returncode == 2
    assert "choose another --out" in done.stderr


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to look at the page")
def test_the_page_shows_a_picture(given, tmp_path):
    truth, found, images = given
    scores = score("yolo_detect", truth, found, options={"images": images})
    _, file = write_score(scores, tmp_path, ["score"])
    shown = dom(tmp_path, file.read_text(), 1000)  # written beside the report
    assert re.search(r'<image href="my%20photos/b.png"', shown)
    assert "missed: cat" in shown
