"""A run in a list: its state, its values, and what is wrong with it."""

from __future__ import annotations

import fcntl
import os

import pytest
from written_runs import write_run

from nntasks.run_list.finding import find
from nntasks.run_list.listed_run import ListedRun
from nntasks.storage import locks


def by_name(out):
    return {run.path.name[-6:].lstrip("0"): run for run in find(out)}


def test_states_and_reasons(out):
    runs = by_name(out)
    assert {name: run.state for name, run in runs.items()} == {
        "1": "finished",
        "2": "finished",
        "3": "finished",
        "a": "finished",
        "b": "failed",
        "c": "damaged",
    }
    assert runs["b"].fact("problem") == "stopped: out of memory"
    problem = runs["c"].fact("problem")
    assert problem.startswith("summary.json is damaged: expected JSON: ")
    assert "\n" not in problem
    assert runs["1"].fact("problem") is None


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("config.yaml", None, "it has no config.yaml"),
        ("config.yaml", b"\xff", "is damaged: expected UTF-8"),
        ("config.yaml", b"lr: 0.1\n", "config.yaml names no task"),
        ("summary.json", b"[]", "expected a JSON object"),
        ("summary.json", b'{"metrics": 3}', "is damaged: its 'task' is None"),
        ("tags.txt", b"\xff", "is damaged: expected UTF-8"),
    ],
)
def test_damage_is_one_line(tmp_path, file, content, problem):
    run = write_run(tmp_path, "20261123-120000-abcdef", metrics={"dice": 1.0})
    (run / file).unlink(missing_ok=True)
    if content is not None:
        (run / file).write_bytes(content)
    (found,) = find(tmp_path)
    assert found.state == "damaged"
    assert problem in found.fact("problem")
    assert found.task == "toy"


def test_a_run_that_a_process_holds_is_running(tmp_path):
    run = write_run(tmp_path, "20261123-120000-abcdef")
    lock = locks.acquire(run, print)
    assert ListedRun(run).state == "running"
    lock.release()
    assert ListedRun(run).state == "failed"
    (run / locks.NAME).write_text(f"{2**22 + 1} {locks._boot()} elsewhere\n")  # no such process
    assert ListedRun(run).state == "failed"
    (run / locks.NAME).write_text("1 another-boot elsewhere\n")
    assert ListedRun(run).state == "failed"
    with open(run / locks.NAME) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert ListedRun(run).state == "running"
    assert sorted(os.listdir(run)) == [locks.NAME, "config.yaml"]


def test_values_are_facts_then_metrics_then_keys(out):
    run = by_name(out)["2"]
    assert run.value("date") == "2026-11-22 12:00:00"
    assert (run.value("model"), run.value("seed"), run.value("seconds")) == ("net", 2, 1.5)
    assert run.value("iou") == run.value("metrics.iou") == 0.475
    assert run.value("config.iou") == 0.5
    assert run.value("loss") == "dice"
    assert run.value("nothing") is None
    assert run.has("undefined")
    assert not run.has("nothing")
    row = run.row()
    assert row["run"] == str(run.path)
    assert (row["state"], row["dice"], row["tags"]) == ("finished", 0.95, [])
    assert run.row(["dice", "loss"]) == {"dice": 0.95, "loss": "dice"}


def test_the_size_is_that_of_all_files(tmp_path):
    run = write_run(tmp_path, "20261123-120000-abcdef")
    (run / "config.yaml").write_bytes(b"task: t")
    (run / "checkpoints").mkdir()
    (run / "checkpoints" / "a").write_bytes(b"x" * 100)
    assert ListedRun(run).size == 107
