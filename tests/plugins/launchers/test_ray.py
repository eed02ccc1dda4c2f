"""Runs as tasks of a Ray cluster, which is started on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs ray: python -m pip install ray")
pytestmark = pytest.mark.slow

XOR = ("numpy_mlp", "data=xor", "hidden_sizes=4", "epochs=1")


def test_runs_of_an_ablation(cli, tmp_path):
    words = ("ablate", *XOR, "lr=0.1,0.2", "launcher=ray", "launcher.num_cpus=0.5")
    done = cli(*words, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[0].startswith("2 runs, 0 already finished")
    assert sorted(line[:5] for line in lines[1:]) == ["[1/2]", "[2/2]"]  # and nothing of Ray's
    assert len(list(Path(tmp_path).glob("numpy_mlp/ablate-*/runs/*/*/*/2*/summary.json"))) == 2


def test_a_cluster_that_is_not_there_is_one_line(cli, tmp_path):
    words = ("ablate", *XOR, "lr=0.1,0.2", "launcher=ray", "launcher.address=auto")
    done = cli(*words, "--out", tmp_path)
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("nntasks: launcher ray: cannot use the cluster auto: ")
