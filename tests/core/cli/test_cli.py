"""The command line in a process of its own: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import BROKEN, TOY, cli_environment, digest

QUICK = ("epochs=1", "data.points=64")


def one_line(process):
    lines = process.stderr.strip().splitlines()
    assert len(lines) == 1, process.stderr
    return lines[0]


class TestList:
    def test_tasks_are_listed_without_importing_torch_or_numpy(self):
        code = (
            "import sys, nntasks.cli\n"
            "try: nntasks.cli.main(['list'])\n"
            "except SystemExit as end: code = end.code\n"
            "heavy = {'torch', 'numpy', 'torchvision', 'sklearn', 'PIL'} & set(sys.modules)\n"
            "sys.exit(f'imported {heavy}' if heavy else code)\n"
        )
        process = subprocess.run(
            [sys.executable, "-c", code],
            env=cli_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        assert re.search(r"^yolo_detect +YOLOv5", process.stdout, re.MULTILINE)
        assert re.search(r"^toy +tell two clouds", process.stdout, re.MULTILINE)

    @pytest.mark.parametrize("what", ["models", "metrics", "datasets", "plugins"])
    def test_the_other_kinds_are_listed(self, cli, what):
        process = cli("list", what)
        assert process.returncode == 0
        assert "toy" in process.stdout
        assert process.stderr == ""

    def test_a_broken_plugin_disturbs_nobody_and_is_named_with_its_reason(self, cli):
        process = cli("list", plugins=(TOY, BROKEN))
        assert process.returncode == 0
        assert process.stdout == cli("list").stdout
        assert "'broken' (nntasks-broken 1.0) is quarantined" in process.stderr
        assert "a_package_that_does_not_exist" in process.stderr


class TestUsage:
    @pytest.mark.parametrize("words", [(), ("data",), ("plugin",)])
    def test_a_group_without_words_prints_its_help_line_by_line(self, cli_here, words):
        bare, asked = cli_here(*words), cli_here(*words, "--help")
        assert (bare.returncode, asked.returncode) == (2, 0)
        assert bare.stderr == asked.stdout
        assert len(bare.stderr.splitlines()) > 8

    @pytest.mark.parametrize(
        ("words", "code", "message"),
        [
            (("rnu", "toy"), 2, "unknown verb 'rnu'. Did you mean 'run'?"),
            (("run", "tyo"), 2, "unknown task 'tyo'. Did you mean 'toy'?"),
            (("run",), 2, "expected a task, got none"),
            (("run", "toy", "epoch=1"), 2, "unknown key epoch. Did you mean 'epochs'"),
            (("run", "toy", "epochs"), 2, "expected key=value, got 'epochs'"),
            (("run", "toy", "lr=-1"), 2, "lr: expected a number > 0 and <= 100, got '-1'"),
            (("run", "toy", "data.pionts=9"), 2, "unknown key data.pionts. Did you mean 'points'?"),
            (("run", "toy", "data.points=1"), 2, "data.points: expected a whole number >= 8"),
            (("run", "toy", "data=cluods"), 2, "unknown data set 'cluods'. Did you mean 'clouds'?"),
            (("run", "toy", "model=resnet"), 2, "unknown model 'resnet'. Known: perceptron"),
            (("run", "toy", "model.depth=2"), 2, "model 'perceptron' takes no options"),
            (("run", "toy", "data=scenes"), 2, "data set 'scenes' serves yolo_detect, not 'toy'"),
            (("run", "toy", "weights=nowhere"), 2, "found nothing at nowhere"),
            (("run", "toy", "--config", "nowhere.yaml"), 2, "cannot read nowhere.yaml"),
            (("run", "toy", "--resume", "nowhere"), 2, "remove the task and keys"),
            (("run", "--resume", "nowhere"), 2, "nowhere is not a run"),
            (("run", "toy", "data=absent"), 3, "absent"),
            (("run", "toy", "data=costly"), 3, "pip install no_such_package"),
            (("run", "toy", "device=cuda:99"), 2, "device: expected one of"),
            (("evaluate", "nowhere"), 2, "nowhere is not a run"),
            (("predict", "toy", "x.jpg"), 2, "needs --weights FILE"),
        ],
    )
    def test_a_mistake_is_one_line_with_its_exit_code(
        self, cli_here, tmp_path, words, code, message
    ):
        process = cli_here(*words, cwd=tmp_path)
        assert message in one_line(process)
        assert process.returncode == code
        assert process.stdout == ""
        assert list(tmp_path.iterdir()) == []  # nothing half-written

    def test_debug_shows_the_traceback(self, cli, tmp_path):
        process = cli("--debug", "run", "toy", "epoch=1", cwd=tmp_path)
        assert "Traceback" in process.stderr

    def test_a_task_of_a_broken_plugin_names_the_plugin(self, cli):
        process = cli("run", "broken_task", plugins=(BROKEN,))
        assert process.returncode == 5
        assert "would provide it, but is quarantined: ModuleNotFoundError" in one_line(process)

    @pytest.mark.parametrize(
        "verb",
        [
            "list",
            "info",
            "run",
            "evaluate",
            "predict",
            "explain",
            "ablate",
            "tune",
            "lr-find",
            "check-gradients",
            "compare",
            "bench",
            "doctor",
            "data",
            "plugin",
        ],
    )
    def test_every_verb_explains_itself(self, cli_here, verb):
        process = cli_here(verb, "--help")
        assert process.returncode == 0
        assert len(process.stdout) > 200


def start(tmp_path, *words):
    """Start or resume a run that takes its time; return it once it is training."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nntasks", "run", *words],
        cwd=tmp_path,
        env=cli_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "training" in line:
            break
    assert "training" in "".join(said[-1:]), said
    assert not any("is damaged" in line for line in said), said
    return process


class TestInterruption:
    def test_ctrl_c_writes_a_checkpoint_and_the_run_goes_on(self, cli, tmp_path):
        process = start(tmp_path, "toy", "epochs=200", "step_seconds=0.05")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "interrupted; a checkpoint is written; continue with --resume" in errors
        run = tmp_path / "runs" / "toy" / "latest"
        assert len(list((run / "checkpoints").glob("step-*"))) == 1
        assert not (run / "summary.json").exists()

    @pytest.mark.slow
    def test_a_run_killed_at_ten_moments_ends_with_the_same_bytes(self, cli, tmp_path):
        keys = ("epochs=16", "step_seconds=0.03", "checkpoint_seconds=0", "--seed", "3")
        undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
        undisturbed.mkdir()
        disturbed.mkdir()
        assert cli("run", "toy", *keys, cwd=undisturbed).returncode == 0
        moments = random.Random(0)
        words = ("toy", *keys)
        for _ in range(10):
            process = start(disturbed, *words)
            time.sleep(moments.uniform(0, 0.35))  # ten of them are shorter than the training
            assert process.poll() is None
            process.kill()
            process.wait()
            words = ("--resume", "runs/toy/latest")
        last = cli("run", "--resume", "runs/toy/latest", cwd=disturbed)
        assert last.returncode == 0, last.stderr
        final = Path("runs/toy/latest/checkpoints/final/model.safetensors")
        assert digest(disturbed / final) == digest(undisturbed / final)


@pytest.mark.slow
class TestProcesses:
    def test_two_processes_see_the_samples_of_one_and_evaluate_alike(self, cli, tmp_path):
        keys = ("epochs=2", "data.points=96", "batch_size=24")
        orders = {}
        for count in (1, 2):
            log = tmp_path / f"samples-{count}"
            process = cli(
                "run",
                "toy",
                *keys,
                "--nproc",
                count,
                "--json",
                cwd=tmp_path,
                TOY_SAMPLE_LOG=str(log),
            )
            assert process.returncode == 0, process.stderr
            ranks = [Path(f"{log}.{rank}").read_text().split("\n")[:-1] for rank in range(count)]
            share = 24 // count
            batches = range(len(ranks[0]) // share)
            orders[count] = [
                [line for rank in ranks for line in rank[b * share : (b + 1) * share]]
                for b in batches
            ]
        assert orders[1] == orders[2]
        weights = (tmp_path / "runs" / "toy" / "latest").resolve()
        alone = cli("evaluate", weights, "--json", cwd=tmp_path)
        together = subprocess.run(
            [
                sys.executable,
                "-m",
                "nntasks",
                "run",
                "toy",
                *keys,
                f"weights={weights}",
                "--nproc",
                "2",
                "--json",
            ],
            cwd=tmp_path,
            env=cli_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert json.loads(together.stdout)["metrics"] == json.loads(alone.stdout)["metrics"]

    def test_a_failure_in_the_processes_keeps_its_exit_code(self, cli, tmp_path):
        process = cli("run", "toy", "batch_size=1", "--nproc", 2, cwd=tmp_path)
        assert process.returncode == 2
        assert "batch_size: expected at least one sample for each of 2 processes" in process.stderr
        assert "Traceback" not in process.stderr
