"""Whole runs: the contract, resuming, processes, predict, bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from command_line import ROOT, cli_environment, digest
from PIL import Image

from core.testing import check_options, check_plugin, check_task
from plugins.unet_segment.config import UnetConfig

QUICK = ("data.train=24", "data.validation=4", "data.test=6", "data.size=32", "width=4", "depth=2")


def final(out):
    (found,) = out.glob("unet_segment/2*/checkpoints/final/model.safetensors")
    return found


class TestContract:
    def test_plugin_and_options(self):
        check_plugin("unet_segment")
        check_options(UnetConfig)

    def test_task(self):
        check_task("unet_segment", width=4, depth=2, augment="flip,crop,colour,elastic",
                   data_options={"train": 8, "validation": 4, "test": 4, "size": 32})  # fmt: skip


def test_killed_and_resumed_it_ends_with_the_same_bytes(cli, tmp_path):
    keys = (*QUICK, "data.train=64", "epochs=8", "dropout=0.3", "augment=flip,crop,elastic",
            "ema=0.9", "checkpoint_seconds=0.05")  # fmt: skip
    cli("run", "unet_segment", *keys, "--out", tmp_path / "undisturbed")
    command = [sys.executable, "-m", "core", "run", "unet_segment", *keys, "--out",
               str(tmp_path / "x")]  # fmt: skip
    process = subprocess.Popen(command, env=cli_environment(), cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "x").glob("unet_segment/2*/checkpoints/step*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.7)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (run,) = (tmp_path / "x").glob("unet_segment/2*")
    resumed = cli("run", "--resume", run)
    assert resumed.returncode == 0, resumed.stderr
    assert "resuming at epoch" in resumed.stderr
    assert digest(final(tmp_path / "x")) == digest(final(tmp_path / "undisturbed"))


def test_two_processes_and_the_figures(cli, tmp_path):
    process = cli("run", "unet_segment", *QUICK, "epochs=2", "--nproc", "2", "--json",
                  "--out", tmp_path)  # fmt: skip
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)["metrics"]
    assert 0 <= found["iou"] <= found["dice"] <= 1
    assert "is missing" not in process.stderr  # a figure that could not be drawn
    (report,) = tmp_path.glob("unet_segment/2*/report.html")
    names = {picture.stem for picture in (report.parent / "figures").iterdir()}
    assert names == {"training_curves", "worst", "median", "best", "thresholds", "calibration"}


@pytest.mark.parametrize("keys", [(), ("tile=16", "overlap=8")], ids=["whole", "tiles"])
def test_predict_writes_masks_outlines_and_areas(cli, tmp_path, keys):
    cli("run", "unet_segment", *QUICK, "epochs=1", "--out", tmp_path / "runs")
    (run,) = (tmp_path / "runs").glob("unet_segment/2*")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (41, 50, 3), dtype=np.uint8)).save(pictures / "a.png")
    Image.fromarray(rng.integers(0, 256, (20, 30), dtype=np.uint8)).save(pictures / "b.jpg")
    (pictures / "c.png").write_bytes(b"no picture")
    process = cli("predict", run, pictures, *keys, "--out", tmp_path / "said")
    assert process.returncode == 2
    assert "2 of 3 files were predicted" in process.stderr
    rows = json.loads((tmp_path / "said" / "predictions.json").read_text())
    assert [(row["width"], row["height"]) for row in rows] == [(50, 41), (30, 20)]
    mask = np.asarray(Image.open(tmp_path / "said" / "a-mask.png"))
    assert mask.shape == (41, 50)
    assert (mask == 255).sum() == rows[0]["object_pixels"]
    assert set(np.unique(mask)) <= {0, 255}
    lines = json.loads((tmp_path / "said" / "a-outlines.json").read_text())
    assert len(lines) == rows[0]["outlines"]
    assert Image.open(tmp_path / "said" / "b.jpg").size == (30, 20)


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (("loss=mse",), 2, "loss: expected one of bce, dice, bce_dice"),
        (("width=6",), 2, "width: expected a whole number"),
        (("encoder_weights=x.pth",), 2, "choose the encoder that they are of"),
        (("data=mask_folders",), 2, "data.images: expected a folder, got none"),
        (("augment=flip,flip",), 2, "augment: expected none, or some of flip, crop"),
    ],
)
def test_bad_input(cli, tmp_path, keys, code, message):
    process = cli("run", "unet_segment", *keys, "--out", tmp_path)
    assert process.returncode == code, process.stderr
    assert message in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr


def test_pictures_of_several_sizes_need_one(cli, tmp_path, real_data):
    process = cli("run", "unet_segment", "data=pets", "--out", tmp_path, NNTASKS_DATA=real_data)
    assert process.returncode == 2
    assert "scale them with image_size=128" in process.stderr
