"""Whole runs: the contract, resuming, processes, seeds, predict, bad input."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from command_line import ROOT, cli_environment, digest
from PIL import Image
from torchvision import models

import nntasks
from nntasks.cli import main
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.runner import resume
from nntasks.testing import check_options, check_plugin, check_task

DATA = {"train": 24, "validation": 4, "test": 6, "size": 32}
QUICK = {"data_options": DATA, "width": 4, "depth": 2, "epochs": 1}


def words(keys):
    """Return keys as the command line takes them."""
    options = keys.get("data_options", {})
    plain = [f"{k}={v}" for k, v in keys.items() if k != "data_options"]
    return [*plain, *(f"data.{k}={v}" for k, v in options.items())]


def final(out):
    (found,) = out.glob("unet_segment/2*/checkpoints/final/model.safetensors")
    return found


def told(capsys, *arguments):
    """Return the exit code and the last line to stderr of the command line, in this process."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    lines = capsys.readouterr().err.splitlines()
    return stopped.value.code, lines[-1] if lines else ""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of one epoch in one process, without batch statistics."""
    out = tmp_path_factory.mktemp("trained")
    return nntasks.run("unet_segment", out=out, norm="group", loss="bce", augment="flip", **QUICK)


class TestContract:
    def test_plugin_and_options(self):
        check_plugin("unet_segment")
        check_options(UnetConfig)

    def test_task(self):
        check_task(
            "unet_segment",
            width=4,
            depth=2,
            augment="flip,crop,colour,elastic",
            mirror=True,
            data_options={**DATA, "train": 8},
        )


# Dies between two checkpoints, with a step done that is in none of them.
DYING = """
import json, os, signal, sys
import nntasks
from nntasks.run_folder.checkpoints import Checkpoints

save = Checkpoints.save

def save_until(self, step, *parts):
    if step == 8:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, step, *parts)

Checkpoints.save = save_until
nntasks.run("unet_segment", out=sys.argv[1], checkpoint_seconds=0, **json.loads(sys.argv[2]))
"""


@pytest.mark.slow
def test_killed_and_resumed_it_ends_with_the_same_bytes(tmp_path):
    keys = {**QUICK, "epochs": 4, "dropout": 0.3, "augment": "flip,crop,elastic", "ema": 0.9}
    nntasks.run("unet_segment", out=tmp_path / "undisturbed", **keys)
    out = tmp_path / "killed"
    killed = subprocess.run(
        [sys.executable, "-c", DYING, str(out), json.dumps(keys)],
        env=cli_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (run,) = out.glob("unet_segment/2*")
    resume(run, quiet=True)
    assert "resuming at epoch 3, batch 2" in (run / "log.txt").read_text()
    assert digest(final(out)) == digest(final(tmp_path / "undisturbed"))


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one(cli, tmp_path, trained):
    keys = {**QUICK, "norm": "group", "loss": "bce", "augment": "flip"}
    process = cli("run", "unet_segment", *words(keys), "--nproc", 2, "--json", "--out", tmp_path)
    assert process.returncode == 0, process.stderr
    ours, alone = json.loads(process.stdout)["metrics"], trained.summary["metrics"]
    # Gradients are added in another order: the last bits of weights differ, so may a pixel.
    assert ours == pytest.approx(alone, abs=2e-3, nan_ok=True)


def test_seeds_decide_and_nothing_else(tmp_path, trained):
    keys = {**QUICK, "norm": "group", "loss": "bce", "augment": "flip"}
    again = nntasks.run("unet_segment", out=tmp_path / "same", **keys)
    assert digest(final(tmp_path / "same")) == digest(final(trained.folder.parent.parent))
    assert again.summary["metrics"] == pytest.approx(trained.summary["metrics"], rel=0, nan_ok=True)
    nntasks.run("unet_segment", out=tmp_path / "other", seed=1, **keys)
    assert digest(final(tmp_path / "other")) != digest(final(trained.folder.parent.parent))


def test_the_report_has_its_figures_and_a_gallery(trained):
    names = {picture.stem for picture in (trained.folder / "figures").iterdir()}
    assert names == {"training_curves", "worst", "median", "best", "thresholds", "calibration"}
    page = (trained.folder / "report.html").read_text()
    assert "is missing" not in page
    assert page.count('class="thumbnail"') == DATA["test"]
    assert len(trained.tables["conventions"]) == 12


@pytest.mark.parametrize(
    "keys", [(), ("tile=16", "overlap=8"), ("mirror=yes",)], ids=["whole", "tiles", "mirror"]
)
def test_predict_writes_masks_outlines_and_areas(capsys, tmp_path, trained, keys):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (41, 50, 3), dtype=np.uint8)).save(pictures / "a.png")
    Image.fromarray(rng.integers(0, 256, (20, 30), dtype=np.uint8)).save(pictures / "b.jpg")
    (pictures / "c.png").write_bytes(b"no picture")
    said = tmp_path / "said"
    code, line = told(capsys, "predict", trained.folder, pictures, *keys, "--out", said)
    assert code == 1
    assert "2 of 3 files were predicted; 1 could not be read: " in line
    assert "c.png: it is not a picture" in line
    rows = json.loads((said / "predictions.json").read_text())
    assert [(row["width"], row["height"]) for row in rows] == [(50, 41), (30, 20)]
    mask = np.asarray(Image.open(said / "a-mask.png"))
    assert mask.shape == (41, 50)
    assert (mask == 255).sum() == rows[0]["object_pixels"]
    assert set(np.unique(mask)) <= {0, 255}
    lines = json.loads((said / "a-outlines.json").read_text())
    assert len(lines) == rows[0]["outlines"]
    assert Image.open(said / "b.jpg").size == (30, 20)
    code, _ = told(capsys, "predict", trained.folder, pictures / "*.jpg", "--out", said / "glob")
    assert code == 0
    assert [path.name for path in sorted((said / "glob").glob("b*"))] == [
        "b-mask.png",
        "b-outlines.json",
        "b.jpg",
    ]


def test_a_picture_too_large_for_the_network_asks_for_tiles(capsys, tmp_path, trained, monkeypatch):
    from nntasks.plugins.unet_segment import prediction

    Image.new("RGB", (40, 30)).save(tmp_path / "x.png")
    monkeypatch.setattr(prediction, "_SMALL", 100)
    monkeypatch.setattr(prediction, "free_memory", lambda: 1000)
    words = ("predict", trained.folder, tmp_path / "x.png", "--out", tmp_path / "said")
    code, line = told(capsys, *words)
    assert (code, "40 x 30 pixels" in line, "tile=512" in line) == (2, True, True)
    assert told(capsys, *words, "tile=16")[0] == 0


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (("loss=mse",), 2, "loss: expected one of bce, dice, bce_dice"),
        (("width=6",), 2, "width: expected a whole number"),
        (("encoder_weights=x.pth",), 2, "give their encoder as well"),
        (("encoder=resnet18", "encoder_weights=x.pth"), 2, "x.pth"),
        (("data=mask_folders",), 2, "data.images: expected a folder, got none"),
        (("augment=flip,flip",), 2, "augment: expected none, or some of flip, crop"),
        (("data=pets",), 3, "pets"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    capsys, tmp_path, monkeypatch, keys, code, message
):
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path / "none"))
    found = told(capsys, "run", "unet_segment", *keys, "--out", tmp_path / "runs")
    assert found[0] == code
    assert message in found[1]
    assert not list(tmp_path.rglob("config.yaml"))


def test_masks_that_do_not_fit_stop_a_run(capsys, tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    for i in range(4):
        Image.fromarray(np.zeros((20, 24, 3), np.uint8)).save(tmp_path / "images" / f"{i}.png")
        Image.fromarray(np.full((20, 24), 7, np.uint8)).save(tmp_path / "masks" / f"{i}.png")
    keys = (
        "data=mask_folders",
        f"data.images={tmp_path / 'images'}",
        f"data.masks={tmp_path / 'masks'}",
        "width=4",
        "depth=1",
        "epochs=1",
    )
    code, line = told(capsys, "run", "unet_segment", *keys, "--out", tmp_path / "runs")
    assert code == 2
    assert "expected labels 0 and 1, or 0 and 255, got 7" in line
    code, line = told(
        capsys, "run", "unet_segment", *keys, "data.object=7", "--out", tmp_path / "r"
    )
    assert code == 0, line
    (tmp_path / "masks" / "2.png").unlink()
    Image.fromarray(np.zeros((24, 20), np.uint8)).save(tmp_path / "masks" / "1.png")
    code, line = told(capsys, "run", "unet_segment", *keys, "--dry-run")
    assert (code, "1.png has 20 x 24 pixels, but" in line) == (2, True)


def test_a_users_encoder_is_trained_on(tmp_path):
    torch.manual_seed(1)
    theirs = models.resnet18()
    torch.save(theirs.state_dict(), tmp_path / "resnet18.pth")
    keys = {
        **QUICK,
        "encoder": "resnet18",
        "encoder_weights": tmp_path / "resnet18.pth",
        "data_options": {**DATA, "train": 8},
    }
    before = nntasks.run("unet_segment", out=tmp_path / "before", **{**keys, "epochs": 0})
    assert 0 <= before.summary["metrics"]["pixel_accuracy"] <= 1
    from safetensors.torch import load_file

    stored = load_file(final(tmp_path / "before"))
    inner = "network.down.network."
    for name, value in theirs.state_dict().items():
        if not name.startswith("fc."):
            assert torch.equal(stored[inner + name], value), name
    assert stored["mean"].flatten().tolist() == pytest.approx([123.675, 116.28, 103.53])
    nntasks.run("unet_segment", out=tmp_path / "after", **keys)
    trained = load_file(final(tmp_path / "after"))
    assert not torch.equal(trained[f"{inner}conv1.weight"], stored[f"{inner}conv1.weight"])


def test_pictures_of_several_sizes_need_one(capsys, tmp_path, monkeypatch, real_data):
    monkeypatch.setenv("NNTASKS_DATA", str(real_data))
    code, line = told(capsys, "run", "unet_segment", "data=pets", "--out", tmp_path)
    assert code == 2
    assert "scale them with image_size=128" in line
