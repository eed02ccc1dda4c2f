"""One run of a plan: written once, found again, started or resumed by the right words."""

from __future__ import annotations

import pytest
from written_runs import write_run

from nntasks.errors import UsageError
from nntasks.experiments.planned_run import PlannedRun, folder_name


@pytest.fixture
def run(tmp_path):
    return PlannedRun("lr=0.1 seed 0", "toy", {"lr": "0.1", "seed": "0"}, tmp_path / "lr=0.1")


def test_what_is_written_is_read(run):
    run.write()
    assert PlannedRun.read(run.folder) == run


def test_a_plan_that_is_there_is_left(run):
    run.write()
    PlannedRun("another", "toy", {}, run.folder).write()
    assert PlannedRun.read(run.folder).name == "lr=0.1 seed 0"


@pytest.mark.parametrize("text", [None, '{"name": "a", "task": "toy"}'])
def test_a_folder_without_a_plan(tmp_path, text):
    if text:
        (tmp_path / "planned.json").write_text(text)
    with pytest.raises(UsageError, match=r"holds no planned run: expected a file planned\.json"):
        PlannedRun.read(tmp_path)


def test_a_new_run_is_started_and_a_begun_one_resumed(run):
    start = ["run", "toy", "lr=0.1", "seed=0", "--out", str(run.folder), "--json"]
    assert run.words() == start
    write_run(run.folder, ".20261123-110000-abcdef.tmp")  # one that was never whole
    assert run.words() == start
    write_run(run.folder, "20261123-120000-abcdef")
    newest = write_run(run.folder, "20261124-120000-abcdef")
    (run.folder / "toy" / "latest").symlink_to(newest.name)
    assert run.words() == ["run", "--resume", str(newest), "--json"]


def test_the_finished_run_is_found_and_no_other(run):
    write_run(run.folder, "20261123-120000-abcdef")
    assert run.finished() is None
    done = write_run(run.folder, "20261124-120000-abcdef", metrics={"accuracy": 1.0})
    assert run.finished() == done


def test_the_histories_of_a_run_each_once(run):
    first = write_run(run.folder, "20261123-120000-abcdef")
    write_run(run.folder, "20261124-120000-abcdef")
    (run.folder / "toy" / "latest").symlink_to(first.name)
    assert run.histories() == []
    (first / "metrics.jsonl").write_text("{}\n")
    assert run.histories() == [first / "metrics.jsonl"]


def test_the_problem_is_the_last_line_that_anybody_wrote(run):
    assert run.problem() == "it printed no error"
    run.folder.mkdir()
    (run.folder / "launcher.txt").write_text("killed by the cluster\n")
    (run.folder / "stderr.txt").write_text("  \n")
    assert run.problem() == "killed by the cluster"
    (run.folder / "stderr.txt").write_bytes(b"epoch 1\nnntasks: lr is \xff\n\n")
    assert run.problem() == "lr is \N{REPLACEMENT CHARACTER}"


def test_the_command_names_the_folder_from_everywhere_and_the_owner(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = PlannedRun("a", "toy", {}, tmp_path.relative_to(tmp_path) / "a")
    assert relative.command("owner")[-2:] == [str(tmp_path / "a"), "owner"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lr=0.1 norm=batch", "lr=0.1_norm=batch"),
        ("+ wide", "+_wide"),
        ("../up", "up"),
        ("a/b\nc", "a_b_c"),
        ("über", "ber"),
        ("...", "variant"),
        ("", "variant"),
        ("x" * 200, "x" * 80),
    ],
)
def test_names_of_folders(text, name):
    assert folder_name(text) == name
