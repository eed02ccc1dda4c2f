"""`nntasks runs`: lists, files, tags and removal from the command line."""

from __future__ import annotations

import csv
import json

import pytest
from click.shell_completion import BashComplete
from written_runs import write_run

from nntasks.cli import nntasks


@pytest.fixture
def here(tmp_path):
    """Return a folder with runs/ in it: three finished, one failed, one damaged."""
    for number, dice in enumerate((0.8, 0.95, 0.9), 1):
        name = f"2026112{number}-120000-00000{number}"
        write_run(tmp_path / "runs", name, metrics={"dice": dice, "iou": dice / 2}, loss="focal")
    write_run(tmp_path / "runs", "20261124-120000-00000b", log="stopped: out of memory")
    damaged = write_run(tmp_path / "runs", "20261125-120000-00000c", metrics={"dice": 1.0})
    (damaged / "summary.json").write_text("{")
    return tmp_path


def test_the_table(cli_here, here):
    done = cli_here("runs", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    title, heading, _, *rows = done.stdout.splitlines()
    assert title == "5 runs"
    assert heading.split() == ["run", "state", "dice", "problem"]
    assert rows[0].split()[:2] == ["runs/toy/20261125-120000-00000c", "damaged"]
    words = "runs/toy/20261124-120000-00000b failed stopped: out of memory"
    assert rows[-5].split() == words.split()
    assert rows[-4].split() == ["runs/toy/20261123-120000-000003", "finished", "0.9000"]


def test_filters_sorts_and_columns(cli_here, here):
    words = ("--where", "dice>0.85", "--sort", "dice", "--columns", "run, dice,loss")
    done = cli_here("runs", *words, cwd=here)
    rows = [line.split() for line in done.stdout.splitlines()[1:] if line]
    assert [rows[0], *rows[2:]] == [
        ["run", "dice", "loss"],
        ["runs/toy/20261122-120000-000002", "0.9500", "focal"],
        ["runs/toy/20261123-120000-000003", "0.9000", "focal"],
    ]
    done = cli_here("runs", "--where", "state=finished", "--limit", 1)
    assert "3 runs" not in done.stdout
    assert "1 run" in done.stdout


def test_many_runs_are_cut_and_the_number_is_said(cli_here, tmp_path):
    for number in range(30):
        write_run(tmp_path / "runs", f"20261123-1200{number:02}-abcdef", metrics={"dice": 0.5})
    done = cli_here("runs", cwd=tmp_path)
    assert done.stdout.startswith("30 runs\n")
    assert done.stdout.count("finished") == 24
    assert done.stdout.endswith("... and 6 more; --limit 30 shows all\n")


def test_json_and_csv_have_all(cli_here, here):
    done = cli_here("runs", "--json", cwd=here)
    rows = json.loads(done.stdout)["runs"]
    assert [row["state"] for row in rows] == ["damaged", "failed", *["finished"] * 3]
    assert rows[2]["iou"] == 0.45
    cli_here("runs", "tag", "runs/toy/20261121-120000-000001", "a", "b")
    done = cli_here("runs", "--csv", "list.csv", "--columns", "run,dice,tags", "--sort", "dice")
    assert (done.stdout, done.stderr) == ("", "written: list.csv\n")
    with open(here / "list.csv", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["dice"] for row in read] == ["0.95", "0.9", "0.8", "", ""]
    assert read[2] == {"run": "runs/toy/20261121-120000-000001", "dice": "0.8", "tags": "a b"}


def test_tags(cli_here, here):
    run = "runs/toy/20261121-120000-000001"
    done = cli_here("runs", "tag", run, "best", "paper", cwd=here)
    assert done.stdout == "20261121-120000-000001: best, paper\n"
    assert cli_here("runs", "--where", "tag=best", "--columns", "run").stdout.count(run) == 1
    assert cli_here("runs", "untag", run, "best", "paper").stdout.endswith(": no tags\n")
    done = cli_here("runs", "tag", "runs/toy", "best")
    assert done.returncode == 2
    assert done.stderr.startswith("nntasks: runs/toy is not a run")


def test_prune_is_dry_until_it_is_told_yes(cli_here, here):
    words = ("runs", "prune", "--keep-best", 1)
    done = cli_here(*words, cwd=here)
    assert done.returncode == 0
    assert "would be removed" in done.stdout
    assert "would remove 2 runs, " in done.stdout
    assert done.stdout.endswith("; kept: 2 without the metric, 1 best\nadd --yes to remove them\n")
    assert len(list((here / "runs" / "toy").iterdir())) == 5
    done = cli_here(*words, "--yes", "--json")
    said = json.loads(done.stdout)
    assert said["removed"] is True
    assert said["size"] == sum(row["size"] for row in said["runs"]) > 0
    left = sorted(path.name[-1] for path in (here / "runs" / "toy").iterdir())
    assert left == ["2", "b", "c"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--where", "dice"), "--where: expected KEY=VALUE"),
        (("--where", "dicee>1"), "--where: no run has 'dicee'. Did you mean 'dice'?"),
        (("--sort", "dicee"), "--sort: no run has 'dicee'. Did you mean 'dice'?"),
        (("--out", "none"), "expected a folder of runs at none, found none"),
        (("prune",), "expected --where or --keep-best"),
    ],
)
def test_mistakes_are_one_line(cli_here, here, words, problem):
    done = cli_here("runs", *words, cwd=here)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"nntasks: {problem}")


def test_completion(here, monkeypatch):
    monkeypatch.chdir(here)
    shell = BashComplete(nntasks, {}, "nntasks", "_NNTASKS_COMPLETE")

    def complete(*words):
        return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]

    assert complete("run") == ["run", "runs"]
    assert complete("runs", "pr") == ["prune"]
    assert complete("runs", "--sort", "di") == ["dice"]
    assert complete("runs", "--columns", "run,lo") == ["run,loss"]
    assert complete("runs", "--out", "none", "--sort", "di") == []


def test_a_csv_file_that_cannot_be_written(cli_here, here):
    done = cli_here("runs", "--csv", "absent/x.csv", cwd=here)
    assert done.returncode == 1
    assert done.stderr.endswith("No such file or directory; choose another file\n")


def test_long_paths_are_whole_in_a_pipe(cli, tmp_path):
    out = tmp_path / ("a-long-name-" * 10) / ("another-one-" * 10)
    run = write_run(out, "20261121-120000-000001", metrics={"dice": 0.5})
    done = cli("runs", "--out", out, COLUMNS="")
    assert done.returncode == 0, done.stderr
    assert str(run) in done.stdout
