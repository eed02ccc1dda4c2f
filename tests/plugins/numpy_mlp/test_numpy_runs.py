"""Whole runs: the default, resuming, several keys, bad input; and that torch stays away."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from command_line import ROOT, cli_environment, digest
from PIL import Image

from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.testing import check_options, check_plugin, check_task

QUICK = ("epochs=2", "hidden_sizes=16")


def weights(out):
    (found,) = out.glob("numpy_mlp/2*/checkpoints/final/model.safetensors")
    return found


class TestContract:
    def test_plugin_and_options(self):
        check_plugin("numpy_mlp")
        check_options(NumpyConfig)

    @pytest.mark.parametrize("keys", [{}, {"data": "xor"}], ids=["digits", "xor"])
    def test_task(self, keys):
        check_task("numpy_mlp", epochs=1, hidden_sizes=(8,), **keys)


def test_the_default_reaches_its_goal_without_torch(tmp_path):
    code = (
        "import sys, nntasks.cli\n"
        f"try: nntasks.cli.main(['run', 'numpy_mlp', '--json', '--out', {str(tmp_path)!r}])\n"
        "except SystemExit as end: code = end.code\n"
        "sys.exit('torch was imported' if 'torch' in sys.modules else code)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=cli_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    summary = json.loads(process.stdout)
    # Ten seeds reach 0.980 to 0.992 with every kernel of the BLAS that was tried: 11 pictures of
    # 359 may go wrong here, where the worst seed got 7 wrong.
    assert summary["metrics"]["accuracy"] >= 0.97
    assert summary["kernels"] == "not used"
    (report,) = tmp_path.glob("numpy_mlp/2*/report.html")
    names = {picture.stem for picture in (report.parent / "figures").iterdir()}
    assert names == {"training_curves", "confusion", "mistakes", "reliability", "weights", "flow"}


def test_the_same_seed_gives_the_same_bytes(cli_here, tmp_path):
    for out in ("a", "b"):
        assert (
            cli_here("run", "numpy_mlp", *QUICK, "dropout=0.3", "--out", tmp_path / out).returncode
            == 0
        )
    assert digest(weights(tmp_path / "a")) == digest(weights(tmp_path / "b"))


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_killed_and_resumed_it_ends_with_the_same_bytes(cli, tmp_path, optimizer):
    keys = (
        "epochs=40",
        "hidden_sizes=64",
        "dropout=0.2",
        "average=0.9",
        "checkpoint_seconds=0.05",
        f"optimizer={optimizer}",
        "shift=1",
    )
    cli("run", "numpy_mlp", *keys, "--out", tmp_path / "undisturbed")
    command = [
        sys.executable,
        "-m",
        "nntasks",
        "run",
        "numpy_mlp",
        *keys,
        "--out",
        str(tmp_path / "x"),
    ]
    process = subprocess.Popen(command, env=cli_environment(), cwd=ROOT, stderr=subprocess.DEVNULL)
    rng = random.Random(optimizer)
    for _ in range(2):
        deadline = time.monotonic() + 60
        while not list((tmp_path / "x").glob("numpy_mlp/2*/checkpoints/step*")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(rng.uniform(0.2, 0.8))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        (run,) = (tmp_path / "x").glob("numpy_mlp/2*")
        command = [sys.executable, "-m", "nntasks", "run", "--resume", str(run)]
        process = subprocess.Popen(
            command, env=cli_environment(), cwd=ROOT, stderr=subprocess.DEVNULL
        )
    assert process.wait(timeout=300) == 0
    assert digest(weights(tmp_path / "x")) == digest(weights(tmp_path / "undisturbed"))


@pytest.mark.parametrize(
    "keys",
    [
        ("init=zeros", "activation=sigmoid", "batch_norm=no", "hidden_sizes=8,8,8"),
        ("feedback=alignment", "optimizer=sgd", "lr=0.05"),
        ("max_norm=1", "average=0.9", "dtype=float64", "schedule=step"),
        ("hidden_sizes=",),
        ("data=xor", "data.dimensions=3"),
    ],
    ids=["vanishing", "alignment", "norms", "no hidden layer", "xor"],
)
def test_other_keys_run(cli_here, tmp_path, keys):
    process = cli_here("run", "numpy_mlp", *QUICK[:1], *keys, "--json", "--out", tmp_path)
    assert process.returncode == 0, process.stderr
    assert 0 <= json.loads(process.stdout)["metrics"]["accuracy"] <= 1
    assert "is missing" not in process.stderr  # a figure that could not be drawn


def test_feedback_alignment_learns(cli_here, tmp_path):
    process = cli_here(
        "run", "numpy_mlp", "feedback=alignment", "epochs=15", "--json", "--out", tmp_path
    )
    assert json.loads(process.stdout)["metrics"]["accuracy"] > 0.9  # ten seeds: 0.969 to 0.983


def test_max_norm_holds(cli_here, tmp_path):
    from safetensors.numpy import load_file

    cli_here("run", "numpy_mlp", *QUICK, "max_norm=0.5", "--out", tmp_path)
    norms = np.linalg.norm(load_file(weights(tmp_path))["1.linear.weight"], axis=0)
    assert norms.max() <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        (("data=xor", "hidden_sizes=1"), (2 + 1) + 2 + (1 * 2 + 2)),  # layer, batch norm, layer
        (("data=xor", "hidden_sizes=1", "batch_norm=no"), 3 + 4),
        (("hidden_sizes=8", "feedback=alignment"), (64 * 8 + 8) + 16 + (8 * 10 + 10)),
    ],
)
def test_parameters_are_counted_without_statistics_and_feedback(cli_here, keys, count):
    process = cli_here("run", "numpy_mlp", *keys, "--dry-run", "--json")
    assert json.loads(process.stdout)["model_numbers"] == count


class TestCheckGradients:
    def test_all_are_right(self, cli_here):
        process = cli_here("check-gradients", "numpy_mlp", "hidden_sizes=12,8", "dropout=0.3")
        assert process.returncode == 0, process.stderr
        assert "WRONG" not in process.stdout
        assert process.stdout.count("right") >= 11

    def test_a_task_that_offers_none(self, cli_here):
        process = cli_here("check-gradients", "toy")
        assert process.returncode == 2
        assert "toy does not support gradient checks" in process.stderr

    def test_a_wrong_one_is_exit_code_4(self, monkeypatch, capsys):
        import nntasks.cli
        from nntasks.plugins.numpy_mlp.layers.activations import Relu

        monkeypatch.setattr(Relu, "backward", lambda self, gradient: gradient)
        with pytest.raises(SystemExit) as end:
            nntasks.cli.main(["check-gradients", "numpy_mlp", "hidden_sizes=8"])
        assert end.value.code == 4
        assert "gradients are wrong: input, 1.linear.weight" in capsys.readouterr().err


def test_predict_scales_pictures_and_names_those_it_cannot_read(cli_here, tmp_path):
    cli_here("run", "numpy_mlp", *QUICK, "--out", tmp_path / "runs")
    (run,) = (tmp_path / "runs").glob("numpy_mlp/2*")
    Image.fromarray(np.full((30, 40), 7, np.uint8)).save(tmp_path / "one.png")
    (tmp_path / "two.png").write_bytes(b"no picture")
    process = cli_here(
        "predict",
        run,
        tmp_path / "one.png",
        tmp_path / "two.png",
        "--out",
        tmp_path / "predictions",
    )
    assert "cannot read" in process.stderr
    rows = (tmp_path / "predictions" / "predictions.csv").read_text().splitlines()
    assert rows[0] == "file,rank,class,probability"
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (("hidden_sizes=12,0",), 2, "hidden_sizes: expected at least 1 unit"),
        (("model=lenet",), 2, "model=lenet: expected pictures of 12 x 12 pixels or more"),
        (("lr=1e-9000",), 2, "lr: expected a number > 0"),
        (
            (
                "optimizer=sgd",
                "lr=100",
                "batch_norm=no",
                "init=normal",
                "schedule=constant",
                "momentum=0.99",
                "epochs=9",
            ),
            1,
            "became",  # the gradient or the loss, whichever overflows first
        ),
        (("device=cuda",), 2, "device: expected one of auto, cpu"),
    ],
)
def test_bad_input(cli_here, tmp_path, keys, code, message):
    process = cli_here("run", "numpy_mlp", *keys, "--out", tmp_path)
    assert process.returncode == code, process.stderr
    assert message in process.stderr.splitlines()[-1]
