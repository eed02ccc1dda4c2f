"""A truth or detections without boxes: the numbers of the programs, and never an error."""

from __future__ import annotations

import json
import math

import pytest
from boxes_in_formats import FOUND, SIZES, coco, pictures, results, table, yolo

from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.scoring import score


def without_objects(at):
    """COCO's truth, and the same as label files."""
    path = coco(at)
    content = json.loads(path.read_text()) | {"annotations": []}
    path.write_text(json.dumps(content))
    return path


def empty_labels(at):
    folder = yolo(at / "labels" / "val", [], at / "images" / "val")
    for stem in SIZES:
        (folder / f"{stem}.txt").touch()
    return folder


def nothing_found(at):
    (at / "found.json").write_text("[]")
    return at / "found.json"


FOUND_BY = {
    "boxes": lambda at: table(at / "found.csv", FOUND),
    "nothing": nothing_found,
}


@pytest.mark.parametrize("found", FOUND_BY)
@pytest.mark.parametrize("truth", [coco, without_objects, empty_labels])
def test_everything_is_written(cli_here, tmp_path, truth, found):
    pictures(tmp_path / "photos")
    (tmp_path / "slices.csv").write_text("image,light\na,day\nb,night\n")
    words = (f"truth={truth(tmp_path)}", f"found={FOUND_BY[found](tmp_path)}", "images=photos")
    more = ("slices=slices.csv", "resamples=20", "--why", "pycocotools", "ultralytics")
    done = cli_here("score", "yolo_detect", *words, *more, "--out", "o", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (one,) = json.loads((tmp_path / "o" / "results.json").read_text())["found"]
    assert list(one["conventions"]) == list(PROGRAMS)
    assert (tmp_path / "o" / "report.html").is_file()


def test_numbers_without_objects_are_those_of_pycocotools(tmp_path):
    coco_module = pytest.importorskip("pycocotools.coco")
    evaluation_module = pytest.importorskip("pycocotools.cocoeval")
    truth = without_objects(tmp_path)
    theirs = coco_module.COCO(str(truth))
    found = theirs.loadRes(json.loads(results(tmp_path, "found.json").read_text()))
    evaluation = evaluation_module.COCOeval(theirs, found, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    ours = score("yolo_detect", truth, tmp_path / "found.json").found[0].conventions["pycocotools"]
    assert [-1 if math.isnan(v) else v for v in ours.values()] == list(evaluation.stats)
