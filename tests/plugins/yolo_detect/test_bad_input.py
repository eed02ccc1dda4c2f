"""Bad input through the command line: one line that says what to do, the right code, no debris."""

from __future__ import annotations

import errno
import os

import pytest
from PIL import Image

from nntasks.cli import main

TINY = (
    "model=yolov5p",
    "epochs=1",
    "data.train=8",
    "data.validation=4",
    "data.test=4",
    "data.size=64",
)


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Return a function that runs words in an empty folder: (code, the one line of stderr)."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("NNTASKS_DATA", raising=False)

    def run(*words):
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        return caught.value.code, capsys.readouterr().err

    return run


@pytest.fixture
def folder(tmp_path):
    """Return a data set in YOLO format: two images to train on, two to test with."""
    root = tmp_path / "shapes"
    for part in ("train", "val"):
        (root / "images" / part).mkdir(parents=True)
        (root / "labels" / part).mkdir(parents=True)
        for name in ("a", "b"):
            Image.new("RGB", (64, 48), (90, 120, 30)).save(root / "images" / part / f"{name}.png")
            (root / "labels" / part / f"{name}.txt").write_text("0 0.5 0.5 0.4 0.4\n")
    (root / "data.yaml").write_text(
        "train: images/train\nval: images/val\nnames:\n  0: box\n  1: ball\n"
    )
    return root


def run_words(folder):
    return (
        "run",
        "yolo_detect",
        "epochs=1",
        "data=yolo_folder",
        f"data.path={folder}",
        "image_size=64",
    )


def refused(call, words, code, *parts):
    """Check that a command is refused in one line with all the parts, leaving nothing."""
    found, message = call(*words)
    lines = [line for line in message.splitlines() if line.startswith("nntasks:")]
    assert len(lines) == 1, message
    assert found == code, message
    for part in parts:
        assert part in lines[0]
    assert os.listdir() == []


class TestKeys:
    @pytest.mark.parametrize(
        ("word", "parts"),
        [
            ("imagesize=64", ("unknown key imagesize", "image_size")),
            ("image_size=100", ("image_size", "multiple", "100")),
            ("iou=2", ("iou", ">= 0 and <= 1", "2")),
            ("backend=fast", ("backend", "auto", "fast")),
            ("data=coco129", ("unknown data set 'coco129'", "coco128")),
            ("model=yolov5q", ("unknown model 'yolov5q'", "yolov5")),
            ("data.trian=3", ("unknown key data.trian", "train")),
        ],
    )
    def test_a_wrong_key_or_value(self, call, word, parts):
        refused(call, ("run", "yolo_detect", word), 2, *parts)

    def test_a_data_set_that_is_not_here(self, call):
        words = ("run", "yolo_detect", "data=coco128")
        refused(call, words, 3, "'coco128' is not here", "bring", "NNTASKS_DATA")

    def test_weights_that_are_not_here(self, call):
        refused(call, ("run", "yolo_detect", *TINY, "weights=w.pt"), 2, "found nothing at w.pt")


class TestData:
    def test_the_folder_itself_is_good(self, call, folder):
        code, message = call(*run_words(folder))
        assert code == 0, message
        assert os.listdir() == ["runs"]

    def test_no_folder(self, call, tmp_path):
        refused(call, run_words(tmp_path / "nowhere"), 2, "nowhere")

    def test_an_empty_folder(self, call, tmp_path):
        (tmp_path / "empty").mkdir()
        refused(call, run_words(tmp_path / "empty"), 2, "empty")

    def test_a_corrupt_label_line(self, call, folder):
        (folder / "labels" / "train" / "b.txt").write_text("0 0.5 0.5 0.1 0.1\n1 0.5 half 0.1 0.1")
        refused(call, run_words(folder), 2, "b.txt", "line 2", "half")

    def test_a_label_out_of_the_class_range(self, call, folder):
        (folder / "labels" / "val" / "a.txt").write_text("2 0.5 0.5 0.1 0.1\n")
        refused(call, run_words(folder), 2, "a.txt", "line 1", "2")

    def test_a_truncated_image(self, call, folder):
        image = folder / "images" / "train" / "a.png"
        image.write_bytes(image.read_bytes()[:60])
        code, message = call(*run_words(folder))
        assert code == 2
        assert message.count("cannot read image") == 1
        assert "a.png" in message
        assert not list(folder.parent.rglob("summary.json"))


class TestDisk:
    def test_an_unwritable_output(self, call, tmp_path):
        (tmp_path / "file").write_text("in the way")
        words = ("run", "yolo_detect", *TINY, "--out", tmp_path / "file" / "runs")
        code, message = call(*words)
        assert code in (1, 2)
        assert "cannot" in message
        assert "--out" in message

    def test_a_full_disk_ends_the_run_and_leaves_no_half_file(self, call, monkeypatch):
        written = []

        def fsync(descriptor):
            written.append(descriptor)
            if len(written) > 6:  # the folder is there, the weights are not yet
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)
        code, message = call("run", "yolo_detect", *TINY)
        assert code == 1
        assert "No space left on device" in message
        files = [name for _, _, names in os.walk(".") for name in names]
        assert "summary.json" not in files
        assert not [name for name in files if name.endswith(".tmp")]


class TestWeights:
    def test_a_checkpoint_of_another_architecture(self, call, tmp_path):
        out = tmp_path / "elsewhere"
        code, message = call("run", "yolo_detect", *TINY, "epochs=0", "--out", out)
        assert code == 0, message
        run = out / "yolo_detect" / "latest"
        words = ("run", "yolo_detect", *TINY, f"weights={run}", "model=yolov5s")
        refused(call, words, 2, "belongs to model=yolov5p, not model=yolov5s", "remove model=")

    def test_weights_for_other_classes(self, call, tmp_path, folder):
        out = tmp_path / "elsewhere"
        code, message = call("run", "yolo_detect", *TINY, "epochs=0", "--out", out)
        assert code == 0, message
        run = out / "yolo_detect" / "latest"
        refused(call, (*run_words(folder), f"weights={run}"), 2, "trained on other data")
