"""Runs as jobs: by submitit on this machine, and by stand-ins for Slurm's commands."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest
import stand_in_slurm

pytest.importorskip("submitit")

XOR = ("ablate", "numpy_mlp", "data=xor", "hidden_sizes=4", "lr=0.1,0.2", "epochs=1")


def finished(out):
    return list(Path(out).glob("*/ablate-*/runs/*/*/*/2*/summary.json"))


def test_jobs_of_submitit_on_this_machine(cli, tmp_path):
    done = cli(*XOR, "launcher=slurm", "launcher.cluster=local", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "[2/2] " in done.stderr
    ended = re.findall(r"\[\d/2\] lr=(.*), seed 0: accuracy", done.stderr)
    assert sorted(ended) == ["0.1", "0.2"]  # in the order in which they end
    assert len(finished(tmp_path)) == 2


@pytest.fixture
def slurm(tmp_path):
    """Return the folder of the stand-ins and the environment that has them."""
    folder = tmp_path / "slurm"
    return folder, stand_in_slurm.install(folder)


def test_an_array_with_what_the_keys_ask_for(cli, tmp_path, slurm):
    folder, environment = slurm
    keys = ("partition=gpu", "time=30", "gpus=1", "memory=4", "cpus=3", "account=me", "grace=45")
    asked = (*XOR, "launcher=slurm", *(f"launcher.{key}" for key in keys), "--jobs", 2)
    done = cli(*asked, "--out", tmp_path / "runs", **environment)
    assert done.returncode == 0, done.stderr
    assert len(finished(tmp_path / "runs")) == 2
    script = (folder / "script-4242").read_text()
    for line in (
        "--array=0-1%2",
        "--partition=gpu",
        "--time=30",
        "--gpus-per-node=1",
        "--mem=4GB",
        "--cpus-per-task=3",
        "--account=me",
        "--signal=USR2@45",
    ):
        assert f"#SBATCH {line}\n" in script
    assert stand_in_slurm.calls(folder)[0].startswith("sbatch ")


def test_what_sbatch_refuses_is_one_line(cli, tmp_path, slurm):
    folder, environment = slurm
    (folder / "refuse").write_text("")
    done = cli(*XOR, "launcher=slurm", "--out", tmp_path / "runs", **environment)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("nntasks: launcher slurm: sbatch failed: ")
    assert "invalid partition" in last


def test_without_slurm_it_says_what_to_do(cli, tmp_path):
    done = cli(*XOR, "launcher=slurm", "--out", tmp_path / "runs", PATH="/nowhere")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("nntasks: launcher slurm: ")
    assert "launcher.cluster=local" in done.stderr


@pytest.mark.slow
def test_a_preempted_job_is_queued_again_and_goes_on(tmp_path, slurm):
    import subprocess
    import sys

    from command_line import ROOT, cli_environment

    folder, environment = slurm
    words = ("toy", "width=4,8", "epochs=3", "data.points=64", "step_seconds=1")
    out = tmp_path / "runs"
    command = subprocess.Popen(
        [sys.executable, "-m", "nntasks", "ablate", *words, "launcher=slurm", "--out", str(out)],
        env=cli_environment(**environment),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    begun = out / "toy"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if len(list(begun.glob("ablate-*/runs/*/*/toy/2*/config.yaml"))) == 2:
            break
        time.sleep(0.05)
    time.sleep(2)
    os.killpg(int((folder / "job-4242_0").read_text()), signal.SIGUSR2)
    _, stderr = command.communicate(timeout=300)
    assert command.returncode == 0, stderr
    assert any(call.startswith("scontrol requeue") for call in stand_in_slurm.calls(folder))
    assert len(finished(out)) == 2
    assert len(list(begun.glob("ablate-*/runs/*/*/toy/2*"))) == 2  # resumed, not begun anew
    claimed = sorted(len(list(c.iterdir())) for c in begun.glob("ablate-*/runs/*/*/claims"))
    assert claimed == [1, 2]
