"""`ablate` and `compare` on the toy task, in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from command_line import ROOT, cli_environment

WORDS = ("toy", "width=4,8", "seeds=2", "epochs=1", "data.points=64")


def summaries(out):
    return sorted(Path(out).glob("toy/ablate-*/runs/*/seed*/toy/2*/summary.json"))


class Text(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.words = []
        self.feed(page)

    def handle_data(self, data):
        self.words.append(data.strip())


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return a finished ablation: the process and the folder."""
    out = tmp_path_factory.mktemp("ablation")
    process = subprocess.run(
        [sys.executable, "-m", "nntasks", "ablate", *WORDS, "--out", str(out), "--jobs", "2"],
        env=cli_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert process.returncode == 0, process.stderr
    return process, out


class TestAblate:
    def test_every_variant_with_every_seed(self, done):
        process, out = done
        assert len(summaries(out)) == 4
        (results,) = out.glob("toy/ablate-*/results.json")
        runs = json.loads(results.read_text())["runs"]
        assert [(run["variant"], run["seed"]) for run in runs] == [
            ("width=4", 0),
            ("width=4", 1),
            ("width=8", 0),
            ("width=8", 1),
        ]
        seeds = {run["seed"]: run["metrics"]["accuracy"] for run in runs[2:]}
        mean = sum(seeds.values()) / 2
        assert re.search(rf"{mean:.4f} [±\[]", process.stdout)
        assert "width=8 changes accuracy by" in process.stdout
        assert "[4/4]" in process.stderr

    def test_a_run_of_it_is_the_run_that_run_makes(self, done, cli, tmp_path):
        _, out = done
        process = cli(
            "run",
            "toy",
            "width=4",
            "seed=1",
            "epochs=1",
            "data.points=64",
            "--out",
            tmp_path,
            "--json",
            OMP_NUM_THREADS="1",
        )
        (results,) = out.glob("toy/ablate-*/results.json")
        stored = json.loads(results.read_text())["runs"][1]
        assert json.loads(process.stdout)["metrics"] == stored["metrics"]

    def test_the_report_has_findings_table_and_pictures(self, done):
        _, out = done
        (report,) = out.glob("toy/ablate-*/report.html")
        page = report.read_text()
        words = Text(page).words
        assert "accuracy by variant" in words
        assert any(word.startswith("width=8 changes accuracy") for word in words)
        assert page.count("data:image/webp") >= 1
        assert "http://" not in page.replace("http://www.w3.org", "")

    def test_the_same_command_again_runs_nothing(self, done, cli):
        _, out = done
        before = {file: file.stat().st_mtime_ns for file in summaries(out)}
        process = cli("ablate", *WORDS, "--out", out, "--json")
        assert process.returncode == 0
        assert "4 runs, 4 already finished" in process.stderr
        assert "[1/4]" not in process.stderr
        assert len(json.loads(process.stdout)["runs"]) == 4
        assert {file: file.stat().st_mtime_ns for file in summaries(out)} == before

    def test_a_variant_that_no_run_accepts_is_refused_before_any_is_run(self, cli, tmp_path):
        process = cli("ablate", "toy", "width=4,999", "--out", tmp_path)
        assert process.returncode == 2
        assert "variant width=999: width: expected" in process.stderr
        assert list(tmp_path.iterdir()) == []

    def test_a_run_that_fails_is_told_and_the_others_go_on(self, cli, tmp_path):
        words = ("toy", "blow_up=1,nan", "epochs=1", "data.points=64", "--out", tmp_path)
        process = cli("ablate", *words)
        assert process.returncode == 1
        assert "blow_up=nan, seed 0 failed with exit code 1" in process.stdout
        assert "loss" in process.stdout
        assert len(summaries(tmp_path)) == 1

    def test_an_unknown_metric(self, done, cli):
        _, out = done
        process = cli("ablate", *WORDS, "--out", out, "--metric", "speed")
        assert process.returncode == 2
        assert "--metric: expected one of accuracy" in process.stderr


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_killed_and_restarted_it_runs_only_what_is_missing(cli, tmp_path, how):
    words = ("toy", "width=4,8,16", "epochs=2", "data.points=64", "step_seconds=0.05")
    process = subprocess.Popen(
        [sys.executable, "-m", "nntasks", "ablate", *words, "--out", str(tmp_path)],
        env=cli_environment(),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not summaries(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)  # the second run has begun
    os.kill(process.pid, how)
    process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGTERM else -how)
    before = {file: file.stat().st_mtime_ns for file in summaries(tmp_path)}
    assert 1 <= len(before) < 3
    again = cli("ablate", *words, "--out", tmp_path)
    assert again.returncode == 0, again.stderr
    assert len(summaries(tmp_path)) == 3
    assert {file: file.stat().st_mtime_ns for file in before} == before
    undisturbed = cli("ablate", *words, "--out", tmp_path / "other", "--json")
    (results,) = tmp_path.glob("toy/ablate-*/results.json")
    ours = [run["metrics"] for run in json.loads(results.read_text())["runs"]]
    assert ours == [run["metrics"] for run in json.loads(undisturbed.stdout)["runs"]]


class TestCompare:
    def test_runs_that_differ_in_their_seed_alone_are_one(self, done, cli, tmp_path):
        _, out = done
        runs = [file.parent for file in summaries(out)]
        process = cli("compare", *runs, "--out", tmp_path / "page.html")
        assert process.returncode == 0, process.stderr
        assert "Differences in configuration" in process.stdout
        assert "width=8 changes accuracy by" in process.stdout
        words = Text((tmp_path / "page.html").read_text()).words
        assert "All metrics" in words

    def test_json(self, done, cli, tmp_path):
        _, out = done
        runs = [file.parent for file in summaries(out)]
        process = cli("compare", *runs, "--json", "--out", tmp_path / "page.html")
        groups = json.loads(process.stdout)["groups"]
        assert list(groups) == ["width=4", "width=8"]
        assert list(groups["width=4"]) == ["0", "1"]

    def test_what_is_refused(self, done, cli, tmp_path):
        _, out = done
        run = summaries(out)[0].parent
        assert "expected two runs or more" in cli("compare", run).stderr
        assert "is not a run" in cli("compare", run, tmp_path).stderr
        (run / "summary.json").rename(run / "away.json")
        try:
            process = cli("compare", run, summaries(out)[0].parent)
            assert process.returncode == 2
            assert "is not finished; continue with: nntasks run --resume" in process.stderr
        finally:
            (run / "away.json").rename(run / "summary.json")


def test_a_dry_run_lists_the_runs_and_writes_nothing(cli_here, tmp_path):
    words = ("ablate", *WORDS, "--dry-run", "--out", tmp_path / "runs")
    done = cli_here(*words)
    assert done.stdout.splitlines() == [
        "width=4",
        "width=8",
        "4 runs: each of these with seeds 0, 1",
    ]
    told = json.loads(cli_here(*words, "--json").stdout)
    assert [told["variants"][name]["width"] for name in ("width=4", "width=8")] == ["4", "8"]
    assert told["seeds"] == [0, 1]
    assert cli_here("ablate", "toy", "width=4,-8", "--dry-run").returncode == 2
    assert not (tmp_path / "runs").exists()
