"""`nntasks compare`: tables, conclusions and a page; JSON alone where it is asked for."""

from __future__ import annotations

import json

import pytest
from written_runs import write_run


@pytest.fixture
def runs(tmp_path):
    return [
        write_run(tmp_path / "runs", f"2026112{n}-120000-abcdef", metrics={"dice": dice}, width=w)
        for n, (dice, w) in enumerate(((0.5, 4), (0.75, 8)), 1)
    ]


def test_tables_and_conclusions(cli_here, runs, tmp_path):
    done = cli_here("compare", *runs, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "dice by variant" in done.stdout
    assert "Differences in configuration" in done.stdout
    assert "width=8 changes dice by +0.2500 against width=4" in done.stdout
    assert done.stdout.endswith("report: comparison.html\n")
    page = (tmp_path / "comparison.html").read_text()
    assert "width=8 changes dice" in page


def test_json_is_all_that_is_printed(cli_here, runs, tmp_path):
    done = cli_here("compare", *runs, "--json", "--out", tmp_path / "c.html", cwd=tmp_path)
    assert set(json.loads(done.stdout)["groups"]) == {"width=4", "width=8"}
    assert (tmp_path / "c.html").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [((), "RUN RUN..."), (("nowhere",), "nowhere is not a run"), (("--metric", "acc"), "acc")],
)
def test_mistakes_are_one_line(cli_here, runs, tmp_path, words, message):
    given = runs if words[:1] == ("--metric",) else []
    done = cli_here("compare", *given, *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "comparison.html").exists()
