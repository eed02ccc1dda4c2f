"""A third-party package with a model, a metric and a data set for `cnn_classify`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from command_line import ROOT


@pytest.mark.slow
def test_somebody_elses_model_metric_and_data(cli, tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-index",
            "--no-deps",
            "--no-build-isolation",
            "--disable-pip-version-check",
            "--target",
            str(tmp_path / "site"),
            str(copied(tmp_path)),
        ],
        check=True,
    )
    words = (
        "cnn_classify",
        "data=dots",
        "data.count=480",
        "model=dot_net",
        "model.channels=16",
        "metrics=classification,top2",
        "augment=none",
        "epochs=15",
    )
    outside = cli("run", *words, "--out", tmp_path / "runs", cwd=tmp_path)
    assert outside.returncode == 2
    assert "unknown data set 'dots'" in outside.stderr
    plugins = (tmp_path / "site",)
    process = cli(
        "run", *words, "--json", "--out", tmp_path / "runs", cwd=tmp_path, plugins=plugins
    )
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)["metrics"]
    assert found["accuracy"] > 0.9
    assert found["top2"] >= found["accuracy"]
    (run,) = (tmp_path / "runs").glob("cnn_classify/2*")
    again = cli("evaluate", run, "--json", plugins=plugins)
    assert json.loads(again.stdout)["metrics"]["top2"] == found["top2"]
    assert "dot_net" in cli("list", "models", plugins=plugins).stdout


def copied(tmp_path):
    """Return a copy of the package, so that building it leaves nothing in the repository."""
    import shutil

    return shutil.copytree(ROOT / "tests" / "third_party", tmp_path / "package")
