"""Applying a model to files: what is written, what is skipped, and what is refused beforehand."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from written_runs import write_run

from nntasks.config import Options, TaskConfig
from nntasks.errors import RunFailed, UsageError
from nntasks.interfaces import SourcePrediction, Task
from nntasks.runner import prediction


class Reader(Task):
    """Reads the length of texts; an empty file cannot be read."""

    source_suffixes = (".txt",)

    def predict_sources(self, model, paths):
        for path in paths:
            text = path.read_text()
            picture = Image.new("RGB", (4, 4)) if "picture" in text else None
            files = {"-mask.bin": b"m"} if "mask" in text else {}
            problem = "" if text else f"{path.name} is empty"
            yield SourcePrediction([{"length": len(text)}] if text else [], picture, problem, files)


@pytest.fixture
def predict(tmp_path):
    """Return a function that writes texts and predicts them."""
    (tmp_path / "in").mkdir()

    def call(**texts):
        for name, text in texts.items():
            (tmp_path / "in" / f"{name}.txt").write_text(text)
        task = Reader(TaskConfig(), SimpleNamespace(task="reader"))
        return prediction.predict(task, None, [str(tmp_path / "in")], tmp_path / "out")

    return call


def written(out):
    return sorted(path.name for path in out.iterdir() if not path.name.startswith("."))


def test_records_pictures_and_files(predict, tmp_path):
    done = predict(a="picture", b="mask", c="plain")
    records = [
        {"file": str(tmp_path / "in" / f"{name}.txt"), "length": length}
        for name, length in (("a", 7), ("b", 4), ("c", 5))
    ]
    out = tmp_path / "out"
    assert (done.records, done.sources) == (records, 3)
    assert json.loads((out / "predictions.json").read_text()) == records
    assert (out / "predictions.csv").read_text().splitlines()[0] == "file,length"
    assert written(out) == ["a.jpg", "b-mask.bin", "predictions.csv", "predictions.json"]
    assert {Path(file).name for file in done.files} >= {"a.jpg", "b-mask.bin"}
    assert Image.open(out / "a.jpg").size == (4, 4)


def test_a_bad_file_stops_no_other(predict, tmp_path):
    with pytest.raises(RunFailed) as told:
        predict(a="", b="text")
    assert str(told.value) == "1 of 2 files were predicted; 1 could not be read: a.txt is empty"
    (record,) = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert record["length"] == 4


def test_where_no_file_can_be_read_there_is_no_table(predict, tmp_path):
    with pytest.raises(UsageError, match=r"a\.txt is empty; none of 1 files could be predicted"):
        predict(a="")
    assert written(tmp_path / "out") == []


def test_many_problems_are_counted(predict):
    with pytest.raises(UsageError) as told:
        predict(**{f"f{number:02}": "" for number in range(23)})
    line = str(told.value)
    assert line.count("is empty") == 20
    assert "f19.txt is empty; and 3 more; none of 23 files" in line


def test_a_task_that_reads_no_files(tmp_path):
    task = Task(TaskConfig(), SimpleNamespace(task="plain"))
    with pytest.raises(UsageError, match="task 'plain' does not support predictions on files"):
        prediction.predict(task, None, ["x"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_task_needs_weights():
    with pytest.raises(UsageError) as told:
        prediction.open_model("numpy_mlp", None, [])
    assert str(told.value) == (
        "predicting with task 'numpy_mlp' needs --weights FILE; or give a run instead, such as "
        "runs/numpy_mlp/latest"
    )


@pytest.mark.parametrize("kind", ["run", "task"])
def test_a_task_that_explains_nothing(toy, tmp_path, kind):
    run = write_run(tmp_path, "20261123-120000-abcdef")
    target = str(run) if kind == "run" else "toy"
    with pytest.raises(UsageError, match=r"' does not support explain$"):
        prediction.explain(target, None, "x", {})


@pytest.fixture
def explains(monkeypatch, toy):
    """Let the toy task explain what it is asked."""
    from nntasks_toy.task import Toy
    from pydantic import Field

    class Query(Options):
        index: int = Field(0, description="of the sample")

    monkeypatch.setattr(Toy, "ExplainOptions", Query)
    monkeypatch.setattr(
        Toy, "explain", lambda self, model, source, options: (source, options.index)
    )
    opened = []
    monkeypatch.setattr(
        prediction,
        "open_model",
        lambda target, weights, layers: opened.append(layers) or (Toy(None, None), None),
    )
    return opened


def test_options_and_keys_are_told_apart(explains):
    words = {"index": "3", "width": "4", "data.points": "9"}
    assert prediction.explain("toy", None, "s", words) == ("s", 3)
    assert explains == [[{"width": "4", "data.points": "9"}]]


def test_an_unknown_word_of_explain(explains):
    with pytest.raises(UsageError) as told:
        prediction.explain("toy", None, "s", {"indez": "3"})
    assert str(told.value) == (
        "unknown key indez. Did you mean 'index'? explain takes index=, and keys of the task"
    )


@pytest.mark.parametrize("target", ["runs/none", "dangling"])
def test_a_path_is_never_the_name_of_a_task(tmp_path, monkeypatch, target):
    monkeypatch.chdir(tmp_path)
    Path("dangling").symlink_to("gone")
    with pytest.raises(UsageError, match=f"expected the folder of a run, found none at {target}"):
        prediction.explain(target, None, "x", {})
