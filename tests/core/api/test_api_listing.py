"""The list of runs in Python."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from written_runs import write_run

import nntasks as nt
from nntasks.errors import UsageError


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in a folder with three finished runs and one that failed."""
    for number, dice in enumerate((0.8, 0.95, 0.9), 1):
        name = f"2026112{number}-120000-00000{number}"
        write_run(tmp_path / "runs", name, metrics={"dice": dice})
    write_run(tmp_path / "runs", "20261124-120000-000004", log="stopped: out of memory")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs" / "toy"


def test_rows_with_facts_and_metrics(tmp_path, monkeypatch):
    for number, dice in enumerate((0.8, 0.95), 1):
        name = f"2026112{number}-120000-00000{number}"
        write_run(tmp_path / "runs", name, metrics={"dice": dice}, loss="focal", seed=number)
    monkeypatch.chdir(tmp_path)
    found = nt.runs(where="dice>0.5", sort="dice")
    assert isinstance(found, nt.api.Rows)
    assert found.column("dice") == [0.95, 0.8]
    assert found[0]["run"] == "runs/toy/20261122-120000-000002"
    assert nt.load(found[0]["run"]).metrics == {"dice": 0.95}
    short = nt.runs("runs", where=["loss=focal", "seed=1"], columns=["seed", "loss"], limit=3)
    assert short == [{"seed": 1, "loss": "focal"}]
    assert "0.9500" in found._repr_html_()
    with pytest.raises(nt.errors.UsageError, match="no run has 'dize'"):
        nt.runs(where="dize>1")


def test_tags_by_result_and_by_folder(here):
    best = nt.load(here / "20261122-120000-000002")
    assert nt.runs.tag(best, "paper", "best") == ("best", "paper")
    assert nt.runs.tag("runs/toy/20261121-120000-000001", "paper") == ("paper",)
    assert nt.runs(where="tag=paper", sort="dice").column("tags") == [["best", "paper"], ["paper"]]
    assert nt.runs.untag(best, "paper", "absent") == ("best",)
    assert nt.runs(where="tag=paper").column("dice") == [0.8]


def test_the_list_as_a_file_is_that_of_the_command_line(here, cli_here):
    nt.runs.tag(here / "20261121-120000-000001", "a", "b")
    nt.runs(sort="dice", columns=["run", "dice", "tags"], csv="ours.csv")
    words = ("--sort", "dice", "--columns", "run,dice,tags", "--csv", "theirs.csv")
    assert cli_here("runs", *words).returncode == 0
    ours = Path("ours.csv").read_text()
    assert ours == Path("theirs.csv").read_text()
    assert [row["tags"] for row in csv.DictReader(ours.splitlines())] == ["", "", "a b", ""]


def test_prune_says_what_would_go_and_removes_it_when_told(here):
    nt.runs.tag(here / "20261123-120000-000003", "paper")
    plan = nt.runs.prune(where="state=finished", keep_best=1)
    assert plan.runs.column("run") == ["runs/toy/20261121-120000-000001"]
    assert (plan.kept, plan.removed) == ({"tagged": 1, "best": 1}, False)
    assert plan.size == sum(f.stat().st_size for f in (here / "20261121-120000-000001").iterdir())
    assert repr(plan).startswith("would remove 1 run, ")
    assert "yes=True removes them" in repr(plan)
    assert "runs/toy/20261121-120000-000001" in plan._repr_html_()
    assert len(list(here.iterdir())) == 4

    done = nt.runs.prune(where="state=finished", keep_best=1, by="dice", tagged=True, yes=True)
    assert done.removed
    assert repr(done).startswith("removed 2 runs, ")
    assert sorted(path.name[-1] for path in here.iterdir()) == ["2", "4"]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (
            lambda: nt.runs.prune(),
            r"expected where= or keep_best=, .*, got neither; for example: nt",
        ),
        (lambda: nt.runs.prune(keep_best=-1), "keep_best: expected at least 0, got -1"),
        (lambda: nt.runs(limit=0), "limit: expected at least 1, got 0"),
        (lambda: nt.runs.tag("runs", "best"), "runs is not a run"),
        (
            lambda: nt.runs.tag("runs/toy/20261121-120000-000001", "a b"),
            "expected a tag of up to 60",
        ),
        (lambda: nt.runs.tag("runs/toy/20261121-120000-000001", ["a"]), r"got \['a'\]"),
    ],
)
@pytest.mark.usefixtures("here")
def test_mistakes_are_told_before_anything_is_done(call, problem):
    with pytest.raises(UsageError, match=problem):
        call()
