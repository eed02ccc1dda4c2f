"""`tune` on the toy task: the space, two processes, kills, and what it leaves behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from command_line import ROOT, cli_environment

QUICK = ("epochs=1", "data.points=64")


def start(out, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "nntasks", "tune", "toy", *map(str, words), "--out", str(out)],
        env=cli_environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def results(out):
    (file,) = Path(out).glob("toy/tune-*/results.json")
    return json.loads(file.read_text())


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return what two processes on one storage left: four choices, of which each is tried once."""
    pytest.importorskip("optuna")
    out = tmp_path_factory.mktemp("tune")
    words = (*QUICK, "--space", "width=4,8", "--space", "ema=0,0.5", "--trials", 20)
    processes = [start(out, *words) for _ in range(2)]
    outputs = [process.communicate(timeout=600) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    return outputs, out


@pytest.mark.slow
class TestTwoProcesses:
    def test_no_choice_is_tried_twice_and_none_is_left_out(self, done):
        outputs, out = done
        trials = results(out)["trials"]
        chosen = sorted((trial["width"], trial["ema"]) for trial in trials)
        assert chosen == [("4", "0"), ("4", "0.5"), ("8", "0"), ("8", "0.5")]
        assert len(list(out.glob("toy/tune-*/trial*/toy/2*/summary.json"))) == 4
        assert any("every choice was tried" in stderr for _, stderr in outputs)

    def test_the_best_is_the_best_validation(self, done):
        _, out = done
        found = results(out)
        best = max(found["trials"], key=lambda trial: trial["accuracy"])
        assert found["best"]["validation"] == best["accuracy"]
        assert found["best"]["keys"]["epochs"] == "1"

    def test_the_best_configuration_runs_as_it_is(self, done, cli, tmp_path):
        _, out = done
        (file,) = out.glob("toy/tune-*/best.yaml")
        assert yaml.safe_load(file.read_text())["task"] == "toy"
        process = cli("run", "toy", "--config", file, "--out", tmp_path, "--json")
        assert process.returncode == 0, process.stderr
        assert json.loads(process.stdout)["metrics"] == results(out)["best"]["test"]

    def test_the_report_shows_the_search(self, done):
        _, out = done
        (page,) = (file.read_text() for file in out.glob("toy/tune-*/report.html"))
        assert page.count('src="data:image/webp') == 2
        assert "is best: validation accuracy" in page


@pytest.mark.slow
def test_killed_and_restarted_it_goes_on(tmp_path):
    pytest.importorskip("optuna")
    words = (
        "epochs=2",
        "data.points=64",
        "step_seconds=0.2",
        "--space",
        "width=2:64",
        "--trials",
        2,
    )
    process = start(tmp_path, *words)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("toy/tune-*/trial0001/toy/2*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    again = start(tmp_path, *words)
    _, stderr = again.communicate(timeout=300)
    assert again.returncode == 0, stderr
    assert "trial 1 was stopped; resuming it" in stderr
    found = results(tmp_path)["trials"]
    assert [trial["state"] for trial in found] == ["complete", "complete"]
    assert len(list(tmp_path.glob("toy/tune-*/trial*/toy/2*"))) == 2  # resumed, not begun anew


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ((), "toy has no default search space; give --space"),
            (("width=3", "--space", "width=2:4"), "width is both fixed and searched"),
            (("--space", "width=2:999"), "width: expected"),
            (("--space", "wdith=2:4"), "unknown key wdith. Did you mean 'width'"),
            (("--space", "width=2:4", "--storage", "what://ever"), "cannot open the storage"),
        ],
    )
    def test_one_line_and_nothing_written(self, cli, tmp_path, words, message):
        pytest.importorskip("optuna")
        process = cli("tune", "toy", *words, "--out", tmp_path)
        assert process.returncode == 2, process.stderr
        assert message in process.stderr
        assert not list(tmp_path.glob("toy/tune-*/trial*"))

    def test_a_trial_that_fails_is_told_and_the_search_goes_on(self, cli, tmp_path):
        pytest.importorskip("optuna")
        process = cli(
            "tune", "toy", *QUICK, "--space", "blow_up=1,nan", "--trials", "2", "--out", tmp_path
        )
        assert process.returncode == 0, process.stderr
        assert "failed: exit code 1" in process.stderr
        states = sorted(trial["state"] for trial in results(tmp_path)["trials"])
        assert states == ["complete", "fail"]

    def test_a_metric_that_is_never_measured_ends_the_search_after_one_trial(self, cli, tmp_path):
        pytest.importorskip("optuna")
        words = (*QUICK, "--space", "width=4,8", "--trials", "2", "--metric", "loss")
        process = cli("tune", "toy", *words, "--out", tmp_path)
        assert process.returncode == 2, process.stderr
        assert "the run has no validation of 'loss'" in process.stderr
        assert len(list(tmp_path.glob("toy/tune-*/trial*/toy/2*/summary.json"))) == 1

    def test_a_search_without_a_completed_trial_has_failed(self, cli, tmp_path):
        pytest.importorskip("optuna")
        words = (*QUICK, "blow_up=nan", "--space", "width=4,8", "--trials", "1")
        process = cli("tune", "toy", *words, "--out", tmp_path)
        assert process.returncode == 1, process.stderr
        assert "No trial was completed." in process.stdout

    def test_a_timeout_below_zero(self, cli_here, tmp_path):
        done = cli_here("tune", "toy", "--timeout", "-1", "--out", tmp_path)
        assert done.returncode == 2
        assert "'--timeout'" in done.stderr


def test_a_dry_run_prints_the_space_and_writes_nothing(cli_here, tmp_path):
    words = ("tune", "toy", *QUICK, "--space", "width=4,8", "--space", "lr=1e-3:0.1:log")
    done = cli_here(*words, "--dry-run", "--out", tmp_path / "runs")
    assert done.stdout.splitlines() == [
        "width  4, 8",
        "lr  0.001 to 0.1 (log)",
        "accuracy is maximised",
    ]
    told = json.loads(cli_here(*words, "--dry-run", "--json").stdout)
    assert told["space"] == {"width": "4, 8", "lr": "0.001 to 0.1 (log)"}
    assert not (tmp_path / "runs").exists()
