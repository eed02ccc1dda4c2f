"""The examples for Slurm in docs/scale.md, played with stand-ins for its commands.

The scripts and commands are those of the page, word for word, but for what a machine without a
cluster lacks: the folder `/shared/runs`, GPUs, and a task that takes long.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import stand_in_slurm
from command_line import ROOT, TOY, cli_environment
from pages.blocks import blocks_of

PAGE = ROOT / "docs" / "scale.md"
SLOW = 240  # seconds, after which a job counts as lost

pytestmark = pytest.mark.slow


def example(words, replaced):
    """Return the one block of the page with some words in it, other words replaced."""
    (text,) = (block.text for block in blocks_of(PAGE) if words in block.text)
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, str(new))
    return text


@pytest.fixture
def slurm(tmp_path):
    """Return the folder of the stand-ins, and the environment that has them and `nntasks`."""
    folder = tmp_path / "slurm"
    path = stand_in_slurm.install(folder)["PATH"]
    ours = folder / "nntasks"
    ours.write_text(f'#!/bin/sh\nexec {sys.executable} -m nntasks "$@"\n')
    ours.chmod(0o755)
    bin_folder = os.path.dirname(sys.executable)
    path = f"{path}{os.pathsep}{bin_folder}"
    return folder, cli_environment((TOY,), OMP_NUM_THREADS="1", PATH=path)


def submit(tmp_path, slurm, text):
    """Do what the page says: save the script as job.sh, and call sbatch."""
    (tmp_path / "job.sh").write_text(text)
    words = ["sbatch", "job.sh"]
    subprocess.run(words, env=slurm[1], cwd=tmp_path, check=True, capture_output=True)


def wait_for(found, tmp_path):
    deadline = time.monotonic() + SLOW
    while not (value := found()):
        output = [path.read_text()[-2000:] for path in tmp_path.glob("slurm-*.out")]
        assert time.monotonic() < deadline, output
        time.sleep(0.05)
    return value


def test_the_script_for_several_machines(tmp_path, slurm):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    replaced = {
        "--nproc-per-node=8": "--nproc-per-node=1",
        "cnn_classify data=mnist device=cuda": "toy epochs=1 data.points=64",
        ":29500": f":{port}",
        "/shared/runs": tmp_path / "runs",
    }
    submit(tmp_path, slurm, example("srun torchrun", replaced))
    ended = wait_for(lambda: stand_in_slurm.ended(slurm[0]), tmp_path)
    assert ended == {"4242": 0}, (tmp_path / "slurm-4242.out").read_text()
    (run,) = (tmp_path / "runs" / "toy").glob("2*")
    assert (run / "summary.json").is_file()
    assert json.loads((run / "environment.json").read_text())["processes"] == 2


def test_the_job_that_is_stopped_and_goes_on(tmp_path, slurm):
    replaced = {
        "cnn_classify data=mnist": "toy epochs=3 data.points=64 step_seconds=0.5",
        "/shared/runs": tmp_path / "runs",
    }
    submit(tmp_path, slurm, example("--signal=B:USR1", replaced))
    runs = tmp_path / "runs" / "toy"
    wait_for(
        lambda: any("training on" in log.read_text() for log in runs.glob("2*/log.txt")), tmp_path
    )
    time.sleep(0.5)
    os.killpg(int((slurm[0] / "job-4242").read_text()), signal.SIGUSR1)
    (summary,) = wait_for(lambda: list(runs.glob("2*/summary.json")), tmp_path)
    assert stand_in_slurm.calls(slurm[0]) == ["sbatch job.sh", "scontrol requeue 4242"]
    assert list(runs.glob("2*")) == [summary.parent]
    wait_for(lambda: stand_in_slurm.ended(slurm[0]) == {"4242": 0}, tmp_path)


def test_the_runs_of_a_grid_are_jobs(tmp_path, slurm):
    pytest.importorskip("submitit")
    replaced = {
        "cnn_classify norm=none,batch seeds=5": "toy width=4,8 seeds=1 epochs=1 data.points=64",
        "/shared/runs": tmp_path / "runs",
    }
    text = example("launcher=slurm launcher.partition=gpu", replaced)
    done = subprocess.run(
        ["bash", "-euc", text], env=slurm[1], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "runs").glob("toy/ablate-*/runs/*/*/toy/2*/summary.json"))) == 2
    script = (slurm[0] / "script-4242").read_text()
    for asked in ("--partition=gpu", "--time=120", "--gpus-per-node=1", "--mem=16GB"):
        assert f"#SBATCH {asked}\n" in script
