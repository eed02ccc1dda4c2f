"""Evaluation in parts gives the number of one process, to the last bit; wrong parts are named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nntasks import contracts
from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import Metric
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import Answer
from nntasks.runner import make_task
from nntasks.runner.evaluation import evaluate, evaluation_of, intervals, measure
from nntasks.runner.shard_files import merge_shard, write_shard
from nntasks.runner.shards import Shard

TASKS = {
    "numpy_mlp": {"data": "xor", "hidden_sizes": "4"},
    "unet_segment": {"width": 4, "data.test": 12, "data.train": 2, "data.validation": 2},
    "yolo_detect": {"data.test": 12, "data.train": 2, "data.validation": 2, "data.size": 64},
    "toy": {"data.points": 64},
}


def bits(evaluation):
    return {name: np.float64(value).tobytes() for name, value in evaluation.values.items()}


@pytest.mark.parametrize("name", TASKS)
def test_three_parts_are_one_to_the_last_bit(name, tmp_path, toy):
    task = make_task(name, [TASKS[name]])
    splits = contracts.load_data(task)
    model = contracts.task_model(task, splits.info)
    metrics = contracts.task_metrics(task, splits.info)
    alone = evaluate(model, splits.test, metrics, batch_size=5)
    files = [tmp_path / f"{part}.safetensors" for part in range(3)]
    for part, file in enumerate(files):
        found = measure(model, splits.test, metrics, batch_size=5, part=(part, 3))
        write_shard(file, {}, found)
    whole = {key: metric.fresh() for key, metric in metrics.items()}
    for file in (files[2], files[0], files[1]):
        merge_shard(file, whole)
    merged = evaluation_of(whole)
    assert bits(merged) == bits(alone)
    assert intervals(merged) == intervals(alone)


def test_answers_to_questions_come_back(tmp_path):
    whole, parts = QuestionMetric(["gram1"], ["ws"]), []
    questions = [("analogy/gram1/1", "b", Answer("b")), ("pair/ws/1", 0.5, Answer(cosine=0.25))]
    questions += [("pair/ws/2", 0.7, Answer()), ("pair/ws/3", 0.1, Answer(cosine=-0.5))]
    for number, (name, target, said) in enumerate(questions):
        part = whole.fresh()
        for metric in (whole, part):
            metric.update([said], [target], [name])
        parts.append(tmp_path / f"{number}.safetensors")
        write_shard(parts[-1], {}, {"questions": part})
    merged = whole.fresh()
    for file in parts:
        merge_shard(file, {"questions": merged})
    assert merged.rows == whole.rows
    assert repr(merged.compute()) == repr(whole.compute())


class Odd(Metric):
    def reset(self):
        self.state = None

    def update(self, predictions, targets, ids):
        self.state = len

    def merge(self, other):
        self.state = other.state

    def compute(self):
        return {}

    def definitions(self):
        return {}


def test_a_state_that_cannot_be_stored_is_the_plugins_mistake(tmp_path):
    metric = Odd()
    metric.reset()
    metric.update([], [], [])
    with pytest.raises(PluginError, match="metric 'odd': its state holds a builtin_function_or_m"):
        write_shard(tmp_path / "shard", {}, {"odd": metric})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4", "1/4/2", "1/9999999"])
def test_what_is_no_part(text):
    with pytest.raises(UsageError, match=r"--shard: expected I/N"):
        Shard.read(text)


@pytest.fixture(scope="module")
def sharded(tmp_path_factory):
    """Return the folder of a run of the toy task, and of its three shards."""
    import subprocess
    import sys

    from command_line import ROOT, cli_environment

    out = tmp_path_factory.mktemp("sharded")
    words = ("run", "toy", "epochs=1", "data.points=64", "--out", str(out), "--json")
    command = [sys.executable, "-m", "nntasks", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=cli_environment(), capture_output=True, text=True, check=True
    )
    return out / "toy" / json.loads(done.stdout)["run"]


def shards_of(cli_here, run, folder, *keys, count=3):
    files = [folder / f"{number}of{count}.safetensors" for number in range(1, count + 1)]
    for number, file in enumerate(files, 1):
        done = cli_here("evaluate", run, *keys, "--shard", f"{number}/{count}", "--out", file)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == f"shard: {file}"
    return files


class TestCommand:
    def test_merged_is_what_one_process_finds(self, cli_here, sharded, tmp_path):
        files = shards_of(cli_here, sharded, tmp_path)
        alone = json.loads(cli_here("evaluate", sharded, "--json").stdout)
        merged = json.loads(cli_here("evaluate", sharded, "--merge", *files, "--json").stdout)
        for key in ("metrics", "intervals", "samples", "parameters"):
            assert merged[key] == alone[key]
        runs = [sharded.parent / found["run"] for found in (alone, merged)]
        assert runs[0].joinpath("items.csv").read_bytes() == (runs[1] / "items.csv").read_bytes()
        assert (runs[1] / "report.html").is_file()

    def test_what_is_refused(self, cli_here, sharded, tmp_path):
        one, two, three = shards_of(cli_here, sharded, tmp_path)
        (other,) = shards_of(cli_here, sharded, tmp_path, count=1)
        (seeded,) = shards_of(cli_here, sharded, tmp_path / "seeded", "width=8", count=1)
        (tmp_path / "text").write_text("no shard")
        before = sorted(sharded.parent.iterdir())
        for files, message in (
            ((), "expected the files of all shards, got none"),
            ((one, three), "1 of 3 shards are missing: 2"),
            ((one, two, three, two), "both shard 2 of 3"),
            ((one, two, other), "is shard 1 of 1, but"),
            ((tmp_path / "text",), "is not a readable safetensors file"),
            ((sharded / "checkpoints" / "final" / "model.safetensors",), "is not a shard of"),
            ((tmp_path / "nothing",), "No such file"),
        ):
            done = cli_here("evaluate", sharded, "--merge", *files)
            assert done.returncode == 2
            assert message in done.stderr
            assert done.stderr.count("\n") == 1
        assert sorted(sharded.parent.iterdir()) == before
        assert seeded.is_file()

    def test_shards_of_another_run_are_foreign(self, cli_here, sharded, tmp_path):
        files = shards_of(cli_here, sharded, tmp_path)
        other = cli_here(
            "run", "toy", "epochs=1", "data.points=64", "seed=1", "--out", tmp_path, "--json"
        )
        run = tmp_path / "toy" / json.loads(other.stdout)["run"]
        done = cli_here("evaluate", run, "--merge", *files)
        assert done.returncode == 2
        assert "was evaluated with other weights than those of" in done.stderr

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("--merge", "--shard", "1/2"), "--merge takes the keys from the shards"),
            (("--out", "x"), "--out names the file of a shard"),
            (("--shard", "3/2"), "--shard: expected I/N with I from 1 to N, got 3/2"),
        ],
    )
    def test_words_that_do_not_fit_together(self, cli_here, sharded, words, message):
        done = cli_here("evaluate", sharded, *words)
        assert done.returncode == 2
        assert message in done.stderr
