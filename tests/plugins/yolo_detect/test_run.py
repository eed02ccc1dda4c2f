"""The whole task through the command line, small: what it leaves, and that it repeats."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time

import pytest
from command_line import cli_environment, digest

from nntasks.testing import check_plugin, check_task

SMALL = (
    "model=yolov5p",
    "epochs=2",
    "data.train=24",
    "data.validation=8",
    "data.test=12",
    "data.size=64",
    "batch_size=8",
)
WEIGHTS = "runs/yolo_detect/latest/checkpoints/final/model.safetensors"


def test_the_task_keeps_the_contracts():
    check_plugin("yolo_detect")
    options = {"train": 16, "validation": 4, "test": 8, "size": 64}
    check_task("yolo_detect", data_options=options, batch_size=4)


def test_a_run_leaves_numbers_pictures_and_a_report(cli, tmp_path):
    process = cli("run", "yolo_detect", *SMALL, cwd=tmp_path, plugins=())
    assert process.returncode == 0, process.stderr
    run = tmp_path / "runs" / "yolo_detect" / "latest"
    assert {path.stem for path in (run / "figures").glob("*.png")} == {
        "training_curves",
        "predictions",
        "nms",
        "worst_images",
        "precision_recall",
        "confidence",
        "confusion_matrix",
        "classes",
        "sizes",
    }
    summary = json.loads((run / "summary.json").read_text())
    assert summary["headline"] == ["map50", "map50_95", "precision", "recall"]
    assert summary["metrics"]["images"] == 12
    with open(run / "items.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert sum(int(row["objects"]) for row in rows) == summary["metrics"]["objects"]
    report = (run / "report.html").read_text()
    assert report.count("data:image/webp;base64,") >= 8
    assert not re.search(r"(src|href)=.?https?:", report)  # one file, complete offline
    for convention in ("COCO (pycocotools)", "VOC 2007", "VOC 2010", "YOLOv5"):
        assert convention in process.stdout
        assert convention in report


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the folder and summary of a run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = subprocess.run(
        [sys.executable, "-m", "nntasks", "run", "yolo_detect", *SMALL, "--json"],
        cwd=folder,
        env=cli_environment(()),
        capture_output=True,
        text=True,
        check=True,
    )
    return folder, json.loads(done.stdout)


@pytest.mark.slow
class TestRepeating:
    def test_the_same_seed_gives_the_same_bytes(self, cli, tmp_path, undisturbed):
        folder, summary = undisturbed
        again = cli("run", "yolo_detect", *SMALL, "--json", cwd=tmp_path, plugins=())
        assert digest(tmp_path / WEIGHTS) == digest(folder / WEIGHTS)
        assert json.loads(again.stdout)["metrics"] == summary["metrics"]

    def test_another_seed_gives_others(self, cli, tmp_path, undisturbed):
        cli("run", "yolo_detect", *SMALL, "--seed", 1, cwd=tmp_path, plugins=())
        assert digest(tmp_path / WEIGHTS) != digest(undisturbed[0] / WEIGHTS)

    def test_killed_in_training_it_ends_with_the_same_bytes(self, cli, tmp_path, undisturbed):
        words = ["yolo_detect", *SMALL, "checkpoint_seconds=0"]
        for _ in range(2):
            process = subprocess.Popen(
                [sys.executable, "-m", "nntasks", "run", *words],
                cwd=tmp_path,
                env=cli_environment(()),
                stderr=subprocess.PIPE,
                text=True,
            )
            assert "training" in process.stderr.readline()
            checkpoints = tmp_path / "runs" / "yolo_detect" / "latest" / "checkpoints"
            before = set(checkpoints.glob("step-*"))
            while process.poll() is None and set(checkpoints.glob("step-*")) == before:
                time.sleep(0.005)
            assert process.poll() is None
            process.kill()
            process.wait()
            words = ["--resume", "runs/yolo_detect/latest"]
        done = cli("run", "--resume", "runs/yolo_detect/latest", cwd=tmp_path, plugins=())
        assert done.returncode == 0, done.stderr
        assert digest(tmp_path / WEIGHTS) == digest(undisturbed[0] / WEIGHTS)

    def test_two_processes_evaluate_to_the_same_numbers(self, cli, tmp_path, undisturbed):
        folder, _ = undisturbed
        done = cli(
            "run",
            "yolo_detect",
            *SMALL,
            f"weights={folder / WEIGHTS}",
            "evaluation_batch=5",
            "--nproc",
            2,
            "--json",
            cwd=tmp_path,
            plugins=(),
        )
        alone = cli(
            "run",
            "yolo_detect",
            *SMALL,
            f"weights={folder / WEIGHTS}",
            "evaluation_batch=5",
            "--json",
            cwd=tmp_path,
            plugins=(),
        )
        assert json.loads(done.stdout)["metrics"] == json.loads(alone.stdout)["metrics"]

    def test_what_was_learned_predicts(self, cli, tmp_path, undisturbed):
        from PIL import Image

        Image.new("RGB", (80, 60), (120, 110, 100)).save(tmp_path / "plain.png")
        run = undisturbed[0] / "runs" / "yolo_detect" / "latest"
        done = cli(
            "predict", run, tmp_path / "plain.png", "confidence=0.01", cwd=tmp_path, plugins=()
        )
        assert done.returncode == 0, done.stderr
        with Image.open(tmp_path / "predictions" / "plain.jpg") as picture:
            assert picture.size == (80, 60)
