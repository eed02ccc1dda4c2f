"""Real processes: on one machine, as two machines, and one that never comes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

KEYS = ("epochs=1", "data.points=64", "--json")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, words)],
        cwd=ROOT,
        env=cli_environment(OMP_NUM_THREADS="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def summary(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out) if out.strip() else None


def alone(out):
    return summary(start("nntasks", "run", "toy", *KEYS, "--out", out))


@pytest.mark.slow
def test_four_processes_evaluate_as_one(tmp_path):
    run = alone(tmp_path / "one")
    weights = tmp_path / "one" / "toy" / run["run"]
    words = ("run", "toy", f"weights={weights}", "data.points=64", "--json")
    one = summary(start("nntasks", *words, "--out", tmp_path / "again"))
    four = summary(start("nntasks", *words, "--nproc", 4, "--out", tmp_path / "four"))
    assert four["metrics"] == one["metrics"] == run["metrics"]


@pytest.mark.slow
def test_two_machines_are_two_agents_of_torchrun(tmp_path):
    port = free_port()
    agents = [
        start(
            "torch.distributed.run",
            "--nnodes=2",
            f"--node-rank={node}",
            "--nproc-per-node=1",
            "--rdzv-backend=c10d",
            f"--rdzv-endpoint=127.0.0.1:{port}",
            "--rdzv-id=nntasks",
            "-m",
            *("nntasks", "run", "toy", *KEYS, "--out", tmp_path / "two"),
        )
        for node in range(2)
    ]
    found = [value for value in map(summary, agents) if value is not None]
    assert len(found) == 1  # the main process alone prints
    assert len(list((tmp_path / "two" / "toy").glob("2*/summary.json"))) == 1
    assert found[0]["metrics"].keys() == alone(tmp_path / "one")["metrics"].keys()


def test_a_main_process_that_is_not_there_is_named(cli, tmp_path):
    port = str(free_port())
    done = cli(
        *("run", "toy", "--out", tmp_path),
        WORLD_SIZE="2",
        RANK="1",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=port,
        NNTASKS_JOIN_SECONDS="2",
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert f"cannot reach rank 0 at 127.0.0.1:{port} within 2 seconds: " in line


def test_a_process_that_never_comes_is_named(cli, tmp_path):
    done = cli(
        *("run", "toy", "--out", tmp_path),
        WORLD_SIZE="2",
        RANK="0",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(free_port()),
        NNTASKS_JOIN_SECONDS="2",
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "1 of 2 processes did not join within 2 seconds: rank 1; look at" in line
    assert list(tmp_path.iterdir()) == []
