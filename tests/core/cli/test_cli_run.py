"""The verb `run`: the files it writes, its output, repeated and resumed runs."""

from __future__ import annotations

import json
import os
import re

from command_line import digest

QUICK = ("epochs=1", "data.points=64")


class TestRun:
    def test_a_run_leaves_everything_that_the_design_names(self, cli, tmp_path):
        process = cli("run", "toy", *QUICK, cwd=tmp_path)
        assert process.returncode == 0, process.stderr
        run = tmp_path / "runs" / "toy" / "latest"
        assert sorted(path.name for path in run.iterdir()) == [
            "SHA256SUMS",
            "checkpoints",
            "config.yaml",
            "environment.json",
            "figures",
            "hashes.jsonl",
            "items.csv",
            "log.txt",
            "metrics.jsonl",
            "report.html",
            "summary.json",
        ]
        assert not list(run.rglob("*.tmp"))
        *_, headline, without, _, folder, report = process.stdout.strip().splitlines()
        assert re.fullmatch(r"accuracy +0\.\d{4} +right answers over all answers", headline)
        assert without == "no 95 % interval: accuracy"
        assert folder == f"run: {os.path.relpath(run.resolve(), tmp_path)}"
        assert report.endswith("report.html")
        assert "epoch 1/1" in process.stderr

    def test_json_prints_the_summary_and_nothing_else(self, cli_here, tmp_path):
        process = cli_here("run", "toy", *QUICK, "--seed", "5", "--json", cwd=tmp_path)
        summary = json.loads(process.stdout)
        assert process.stderr == ""
        stored = (tmp_path / "runs" / "toy" / "latest" / "summary.json").read_text()
        assert summary == json.loads(stored)
        assert {"task", "run", "seed", "seconds", "kernels", "metrics", "definitions"} <= set(
            summary
        )
        assert summary["seed"] == 5
        assert set(summary["metrics"]) == set(summary["definitions"])

    def test_a_dry_run_writes_nothing(self, cli_here, tmp_path):
        process = cli_here("run", "toy", "--dry-run", "width=4", cwd=tmp_path)
        found = json.loads(process.stdout)
        assert found["samples"] == {"train": 256, "validation": 256, "test": 256}
        assert found["config"]["width"] == 4
        assert list(tmp_path.iterdir()) == []

    def test_keys_win_over_the_file_and_the_run_repeats_from_its_own_config(
        self, cli_here, tmp_path
    ):
        (tmp_path / "my.yaml").write_text("epochs: 1\nwidth: 4\ndata.points: 64\n")
        first = cli_here("run", "toy", "--config", "my.yaml", "width=6", "--json", cwd=tmp_path)
        config = tmp_path / "runs" / "toy" / "latest" / "config.yaml"
        assert "width: 6" in config.read_text()
        weights = digest(config.parent / "checkpoints" / "final" / "model.safetensors")
        again = cli_here("run", "toy", "--config", str(config.resolve()), "--json", cwd=tmp_path)
        assert json.loads(again.stdout)["metrics"] == json.loads(first.stdout)["metrics"]
        assert digest(config.parent / "checkpoints" / "final" / "model.safetensors") == weights

    def test_evaluate_gives_the_same_numbers_in_a_run_of_its_own(self, cli_here, tmp_path):
        first = cli_here("run", "toy", *QUICK, "--json", cwd=tmp_path)
        again = cli_here("evaluate", "runs/toy/latest", "--json", cwd=tmp_path)
        one, two = json.loads(first.stdout), json.loads(again.stdout)
        assert two["metrics"] == one["metrics"]
        assert two["run"] != one["run"]

    def test_training_from_weights_shows_how_good_they_were(self, cli_here, tmp_path):
        cli_here("run", "toy", *QUICK, "--json", cwd=tmp_path)
        weights = (tmp_path / "runs" / "toy" / "latest").resolve()
        process = cli_here("run", "toy", *QUICK, f"pretrained={weights}", cwd=tmp_path)
        assert process.returncode == 0, process.stderr
        last = (weights / "metrics.jsonl").read_text().splitlines()[-1]
        before = json.loads(last)["accuracy"]
        assert f"before training  validation accuracy {before:.4f}" in process.stderr
        history = (tmp_path / "runs" / "toy" / "latest" / "metrics.jsonl").read_text()
        row = json.loads(history.splitlines()[0])
        assert (row["split"], row["epoch"], row["accuracy"]) == ("validation", 0, before)

    def test_a_finished_run_resumes_to_itself(self, cli_here, tmp_path):
        first = cli_here("run", "toy", *QUICK, "--json", cwd=tmp_path)
        again = cli_here("run", "--resume", "runs/toy/latest", "--json", cwd=tmp_path)
        assert json.loads(again.stdout) == json.loads(first.stdout)

    def test_an_exploding_loss_ends_with_one_line_and_code_1(self, cli_here, tmp_path):
        process = cli_here("run", "toy", *QUICK, "blow_up=1e39", cwd=tmp_path)
        assert process.returncode == 1
        assert re.search(
            r"loss became (nan|inf) at epoch 1, step \d+, learning rate", process.stderr
        )
        assert "Traceback" not in process.stderr
