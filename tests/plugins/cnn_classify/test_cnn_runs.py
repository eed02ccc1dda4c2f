"""Whole runs: the default, resuming, processes, weights from elsewhere, plugins, bad input."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from command_line import ROOT, cli_environment, digest
from PIL import Image
from torchvision import models

from nntasks.plugins.cnn_classify.config import CnnConfig
from nntasks.testing import check_options, check_plugin, check_task

QUICK = ("epochs=1", "model.width=0.125", "augment=none")


def final(out):
    (found,) = out.glob("cnn_classify/2*/checkpoints/final/model.safetensors")
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return a folder of two classes of coloured pictures, 16 x 16 pixels."""
    root = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for label, name in enumerate(("red", "blue")):
        (root / name).mkdir()
        for number in range(20):
            picture = rng.integers(0, 100, (16, 16, 3), dtype=np.uint8)
            picture[..., 2 * label] += 150
            Image.fromarray(picture).save(root / name / f"{number:02}.png")
    return root


class TestContract:
    def test_plugin_and_options(self):
        check_plugin("cnn_classify")
        check_options(CnnConfig)

    @pytest.mark.parametrize("model", ["alexnet_small", "vgg11", "resnet18"])
    def test_task(self, model):
        check_task("cnn_classify", model=model, model_options={"width": 0.125})


@pytest.mark.slow
def test_the_default_runs_whole(cli, tmp_path):
    process = cli("run", "cnn_classify", "--json", "--out", tmp_path)
    assert process.returncode == 0, process.stderr
    # The goal, 98.5 %, is of the mean over ten seeds (README): single seeds gave 97.8 to 98.9 %,
    # and another processor rounds in another way.
    assert json.loads(process.stdout)["metrics"]["accuracy"] >= 0.97
    assert "is missing" not in process.stderr  # a figure that could not be drawn
    (report,) = tmp_path.glob("cnn_classify/2*/report.html")
    names = {picture.stem for picture in (report.parent / "figures").iterdir()}
    assert names == {
        "training_curves",
        "confusion",
        "mistakes",
        "reliability",
        "filters",
        "feature_maps",
        "grad_cam",
    }


@pytest.mark.slow
def test_killed_and_resumed_it_ends_with_the_same_bytes(cli, tmp_path):
    keys = (
        "epochs=8",
        "model.width=0.25",
        "dropout=0.3",
        "augment=rotate,erase",
        "mixup=0.4",
        "cutmix=1",
        "ema=0.9",
        "checkpoint_seconds=0.05",
    )
    cli("run", "cnn_classify", *keys, "--out", tmp_path / "undisturbed")
    command = [
        sys.executable,
        "-m",
        "nntasks",
        "run",
        "cnn_classify",
        *keys,
        "--out",
        str(tmp_path / "x"),
    ]
    process = subprocess.Popen(command, env=cli_environment(), cwd=ROOT, stderr=subprocess.DEVNULL)
    rng = random.Random(1)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "x").glob("cnn_classify/2*/checkpoints/step*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(rng.uniform(0.3, 1.0))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (run,) = (tmp_path / "x").glob("cnn_classify/2*")
    resumed = cli("run", "--resume", run)
    assert resumed.returncode == 0, resumed.stderr
    assert "resuming at epoch" in resumed.stderr
    assert digest(final(tmp_path / "x")) == digest(final(tmp_path / "undisturbed"))


@pytest.mark.slow
def test_two_processes_share_the_work(cli, tmp_path):
    process = cli(
        "run",
        "cnn_classify",
        "epochs=3",
        "model.width=0.25",
        "--nproc",
        "2",
        "--json",
        "--out",
        tmp_path,
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["metrics"]["accuracy"] > 0.9


@pytest.mark.parametrize(
    "keys",
    [
        ("norm=none", "activation=tanh", "init=xavier", "optimizer=adam", "lr=0.001"),
        ("norm=group", "schedule=step", "nesterov=no"),
        ("model=resnet18", "norm=layer", "init=he", "schedule=plateau", "optimizer=adamw"),
        ("model=vgg11", "dropout=0.2", "label_smoothing=0.1", "mixup=0.2"),
    ],
    ids=["plain", "group", "resnet", "vgg"],
)
def test_other_keys_run(cli_here, tmp_path, keys):
    process = cli_here("run", "cnn_classify", *QUICK, *keys, "--json", "--out", tmp_path)
    assert process.returncode == 0, process.stderr
    assert 0 <= json.loads(process.stdout)["metrics"]["accuracy"] <= 1
    assert "is missing" not in process.stderr


def test_folders_and_a_torchvision_network(cli_here, tmp_path, folders):
    process = cli_here(
        "run",
        "cnn_classify",
        "data=class_folders",
        f"data.path={folders}",
        "model=torchvision",
        "model.name=squeezenet1_1",
        "model.size=32",
        "epochs=1",
        "batch_size=8",
        "augment=flip,crop,colour",
        "--json",
        "--out",
        tmp_path / "runs",
    )
    assert process.returncode == 0, process.stderr
    (run,) = (tmp_path / "runs").glob("cnn_classify/2*")
    process = cli_here("predict", run, folders / "red" / "00.png", "--out", tmp_path / "said")
    assert process.returncode == 0, process.stderr
    rows = (tmp_path / "said" / "predictions.csv").read_text().splitlines()
    assert rows[0] == "file,rank,class,probability"
    assert len(rows) == 3


class TestPretrained:
    def test_torchvision_weights_for_other_classes(self, cli_here, tmp_path, folders):
        torch.manual_seed(0)
        state = models.resnet18().state_dict()
        torch.save(state, tmp_path / "resnet18.pth")
        keys = (
            "data=class_folders",
            f"data.path={folders}",
            "model=resnet18",
            "model.stem=large",
            "augment=none",
            f"pretrained={tmp_path / 'resnet18.pth'}",
        )
        process = cli_here("run", "cnn_classify", *keys, "epochs=0", "--out", tmp_path / "runs")
        assert process.returncode == 0, process.stderr
        from safetensors.torch import load_file

        found = load_file(final(tmp_path / "runs"))
        assert found["network.fc.weight"].shape == (2, 512)
        assert found["mean"].flatten().tolist() == pytest.approx([123.675, 116.28, 103.53])
        for name, value in state.items():
            if not name.startswith("fc."):
                assert torch.equal(found[f"network.{name}"], value), name

    def test_a_run_of_other_classes(self, cli_here, tmp_path, folders):
        cli_here("run", "cnn_classify", *QUICK, "--out", tmp_path / "first")
        keys = ("data=class_folders", f"data.path={folders}", "data.mode=grey", "data.size=8")
        weights = final(tmp_path / "first")
        words = (*QUICK, *keys, f"pretrained={weights}", "epochs=0")
        process = cli_here("run", "cnn_classify", *words, "--out", tmp_path / "second")
        assert process.returncode == 0, process.stderr
        from safetensors.torch import load_file

        first, second = (load_file(final(tmp_path / n)) for n in ("first", "second"))
        assert second["network.classifier.4.weight"].shape[0] == 2
        changed = {name for name in first if not torch.equal(first[name], second[name])}
        assert changed == {"network.classifier.4.weight", "network.classifier.4.bias"}

    def test_another_architecture(self, cli_here, tmp_path):
        torch.save({"a.weight": torch.zeros(3)}, tmp_path / "a.pt")
        process = cli_here(
            "run", "cnn_classify", f"pretrained={tmp_path / 'a.pt'}", "--out", tmp_path
        )
        assert process.returncode == 2
        assert "belongs to another architecture: expected features.0.weight" in process.stderr


def test_explain_and_lr_find(cli_here, tmp_path):
    cli_here("run", "cnn_classify", *QUICK, "--out", tmp_path)
    (run,) = tmp_path.glob("cnn_classify/2*")
    Image.fromarray(np.full((30, 40), 7, np.uint8)).save(tmp_path / "one.png")
    process = cli_here("explain", run, tmp_path / "one.png", "label=3", "--json")
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["label"] == "3"
    process = cli_here("lr-find", "cnn_classify", "--steps", "30", "--out", tmp_path / "lr", *QUICK)
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (("augment=flop",), 2, "augment: expected none, or some of flip, crop"),
        (("model=lenet5",), 2, "model=lenet5: expected pictures of 12 x 12 pixels or more"),
        (("model=torchvision", "model.name=resnet81"), 2, "Did you mean 'resnet18'"),
        (("model=alexnet_small", "model.depth=3"), 2, "unknown key model.depth"),
        (("norm=both",), 2, "norm: expected one of auto, none, batch, layer, group"),
        (
            ("norm=none", "init=normal", "lr=100", "clip=0", "schedule=constant"),
            1,
            "the loss became",
        ),
        (("data=xor",), 2, "xor"),
    ],
)
def test_bad_input(cli_here, tmp_path, keys, code, message):
    process = cli_here("run", "cnn_classify", *keys, "--out", tmp_path)
    assert process.returncode == code, process.stderr
    assert message in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr


def test_a_loss_that_is_no_number_names_its_place_and_keeps_the_checkpoint(cli_here, tmp_path):
    keys = (
        "norm=none",
        "schedule=linear",
        "warmup_epochs=3",
        "lr=100",
        "clip=0",
        "epochs=5",
        "augment=none",
        "checkpoint_seconds=0",
    )
    process = cli_here("run", "cnn_classify", *keys, "--out", tmp_path)
    assert process.returncode == 1
    line = process.stderr.splitlines()[-1]
    assert re.search(r"at epoch \d, step \d+, learning rate [\d.]+;", line)
    (run,) = tmp_path.glob("cnn_classify/2*")
    assert list(run.glob("checkpoints/step*/model.safetensors"))
