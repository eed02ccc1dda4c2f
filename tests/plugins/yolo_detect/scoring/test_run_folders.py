"""A run's folder as truth and as detections: the numbers of its summary, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image

import nntasks as nt
from nntasks.errors import MissingError, UsageError
from nntasks.plugins.yolo_detect.evaluation.comparison import CONVENTIONS

SMALL = {
    "model": "yolov5p",
    "epochs": 2,
    "batch_size": 8,
    "data_options": {"train": 24, "validation": 8, "test": 12, "size": 64},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return nt.run("yolo_detect", out=tmp_path_factory.mktemp("runs"), **SMALL)


@pytest.fixture(scope="module")
def photos(real_data, public_weights, tmp_path_factory):
    """A run of public weights on twelve photographs, in which they find much."""
    data = tmp_path_factory.mktemp("photos")
    coco = real_data / "coco128"
    pictures = sorted(coco.glob("images/val2017/*.jpg"))[:12]
    assert len(pictures) == 12
    for part in ("images", "labels"):
        (data / part).mkdir()
    for picture in pictures:
        shutil.copy(picture, data / "images")
        labels = coco / "labels" / "val2017" / f"{picture.stem}.txt"
        if labels.is_file():
            shutil.copy(labels, data / "labels")
    names = (coco / "classes.txt").read_text().split("\n")[:80]
    (data / "data.yaml").write_text(f"test: images\nnames: {json.dumps(names)}\n")
    return nt.run(
        "yolo_detect",
        out=tmp_path_factory.mktemp("runs"),
        data="yolo_folder",
        weights=public_weights,
        data_options={"path": str(data / "data.yaml")},
    )


@pytest.fixture(scope="module")
def other(run):
    """The same weights on other test images, whose names are the same."""
    keys = {"model": "yolov5p", "data_options": SMALL["data_options"]}
    return nt.run("yolo_detect", out=run.folder.parent.parent, weights=run.folder, seed=5, **keys)


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run.folder, tmp_path / "copy")


def numbers_of(conventions):
    """Return the numbers under the names of a run's summary."""
    found = dict(conventions["pycocotools"])
    for one in CONVENTIONS[1:]:
        for name in ("map50", "map50_95"):
            if name in conventions[one.program]:
                found[f"{name}_{one.key}"] = conventions[one.program][name]
    return found


def same(ours, summary):
    """Whether all our numbers are those of a summary, where undefined ones are null."""
    stored = {name: np.nan if summary[name] is None else summary[name] for name in ours}
    return all(np.array_equal(ours[name], stored[name], equal_nan=True) for name in ours)


def test_every_convention_gives_the_number_of_the_summary(photos):
    latest = photos.folder.parent / "latest"
    scores = nt.score("yolo_detect", None, latest)
    (one,) = scores.found
    assert one.name == photos.folder.name
    summary = json.loads((photos.folder / "summary.json").read_text())["metrics"]
    ours = numbers_of(one.conventions)
    assert len(ours) >= 18
    assert len({value for value in ours.values() if value > 0}) > 8  # not all of nothing found
    assert same(ours, summary)


def test_truth_and_detections_of_one_run_are_the_same_as_the_run_alone(photos):
    alone = nt.score("yolo_detect", None, photos.folder)
    both = nt.score("yolo_detect", photos.folder.parent / "latest", photos.folder)
    assert both.to_dict() == alone.to_dict()


def test_the_intervals_are_those_of_the_summary(photos):
    (one,) = nt.score("yolo_detect", None, photos.folder, resamples=1000).found
    summary = json.loads((photos.folder / "summary.json").read_text())["intervals"]
    ours = {name: ends for name, ends in one.intervals["pycocotools"].items() if name in summary}
    assert "map50" in ours
    for name, ends in ours.items():
        assert list(ends) == pytest.approx(summary[name], abs=1e-12), name


def test_the_verb_takes_the_run_and_writes_a_page_with_its_pictures(cli_here, run, tmp_path):
    done = cli_here(
        "score", "yolo_detect", f"found={run.folder}", "--json", "--out", tmp_path / "page"
    )
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["found"]
    stored = json.loads((run.folder / "summary.json").read_text())["metrics"]
    assert one["conventions"]["pycocotools"]["map50"] == stored["map50"]
    (page,) = (tmp_path / "page").glob("*.html")
    assert page.read_text().count("data:image/webp;base64,") >= 12


def test_a_run_is_a_truth_for_boxes_of_other_programs(photos, tmp_path):
    """What `found=` of the run scores, written as CSV, gives the same numbers."""
    (metric,) = photos.outcome.metrics.values()
    records = metric.records()
    found = records.detections
    with open(tmp_path / "boxes.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image", "class", "x", "y", "width", "height", "score"])
        for image, label, box, score in zip(
            found.image, found.label, found.box, found.score, strict=True
        ):
            name = metric.class_names[label]
            rows.writerow(
                [records.image_ids[image], name, *map(repr, box.tolist()), repr(float(score))]
            )
    scores = nt.score("yolo_detect", photos.folder, [photos.folder, tmp_path / "boxes.csv"])
    mine, theirs = (one.conventions["pycocotools"]["map50"] for one in scores.found)
    assert mine == theirs


def test_pictures_tell_their_sizes(run):
    from nntasks.plugins.yolo_detect.scoring.run_folders import ScoredRun

    truth = ScoredRun(run.folder, "yolo_detect").truth
    assert {image.size for image in truth.images} == {(64, 64)}
    assert len(truth.images) == 12


def test_runs_with_other_test_data_are_not_compared(run, other):
    with pytest.raises(UsageError, match=r"was tested on other data than .* compare runs"):
        nt.score("yolo_detect", None, [run.folder, other.folder])


def test_images_and_classes_that_a_truth_lacks_are_named(run, tmp_path):
    (tmp_path / "truth.csv").write_text("image,class,x1,y1,x2,y2\n0,zero,1,1,9,9\n")
    with pytest.raises(UsageError, match=r"faults in the data.*is not in the truth") as error:
        nt.score("yolo_detect", tmp_path / "truth.csv", run.folder)
    assert "class " in str(error.value) or "image " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_run_without_final_weights_is_refused(copy):
    shutil.rmtree(copy / "checkpoints" / "final")
    with pytest.raises(UsageError, match=r"has no final weights; .*--resume") as error:
        nt.score("yolo_detect", None, copy)
    assert "\n" not in str(error.value)


def test_an_unfinished_run_is_refused(copy):
    (copy / "summary.json").unlink()
    with pytest.raises(UsageError, match=r"is not finished; finish it with: nntasks run --resume"):
        nt.score("yolo_detect", None, copy)


def test_a_run_of_another_task_is_refused(copy):
    summary = json.loads((copy / "summary.json").read_text())
    (copy / "summary.json").write_text(json.dumps(summary | {"task": "unet_segment"}))
    with pytest.raises(UsageError, match=r"is a run of unet_segment, expected one of yolo_detect"):
        nt.score("yolo_detect", None, copy)


def test_a_run_without_the_metric_of_boxes_is_refused(run, monkeypatch):
    from nntasks.plugins.yolo_detect.scoring import run_folders

    monkeypatch.setattr(run_folders.contracts, "task_metrics", lambda task, info: {})
    with pytest.raises(UsageError, match=r"was evaluated without boxes; .*metrics=detection"):
        nt.score("yolo_detect", None, run.folder)


@pytest.fixture
def folder_run(run, tmp_path):
    """A run on pictures and labels in a folder, which can change or go."""
    data = tmp_path / "data"
    for part in ("images", "labels"):
        (data / part).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in "abc":
        pixels = rng.integers(0, 255, (64, 64, 3), np.uint8)
        Image.fromarray(pixels).save(data / "images" / f"{name}.png")
        (data / "labels" / f"{name}.txt").write_text("3 0.5 0.5 0.4 0.4\n")
    names = [str(name) for name in run.splits.info.classes]
    (data / "data.yaml").write_text(f"test: images\nnames: {json.dumps(names)}\n")
    done = nt.run(
        "yolo_detect",
        out=tmp_path / "runs",
        data="yolo_folder",
        weights=run.folder,
        data_options={"path": str(data / "data.yaml")},
    )
    return done.folder, data


def test_data_that_have_changed_are_refused(folder_run):
    folder, data = folder_run
    assert nt.score("yolo_detect", None, folder).found
    (data / "labels" / "b.txt").write_text("3 0.5 0.5 0.2 0.2\n")
    with pytest.raises(
        UsageError, match=r"the data have changed since .*: test still has 3 samples"
    ):
        nt.score("yolo_detect", None, folder)


def test_data_that_are_gone_are_refused(folder_run):
    folder, data = folder_run
    shutil.rmtree(data)
    with pytest.raises((UsageError, MissingError), match=r"data"):
        nt.score("yolo_detect", None, folder)
