"""The verb `score` with a third party's scorer: words, output, exit codes."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def lines(tmp_path):
    for name, text in (("truth", "a b c d"), ("one", "a b c x"), ("two", "A b x x")):
        (tmp_path / f"{name}.txt").write_text(text)
    return tmp_path


def test_json_has_the_numbers_and_null_for_what_is_not_defined(cli_here, lines):
    done = cli_here(
        "score", "toy", "truth=truth.txt", "found=one.txt", "found=two.txt", "--json", cwd=lines
    )
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "task": "toy",
        "found": [
            {
                "name": name,
                "conventions": {"lines": {"accuracy": value, "unknown": None}},
                "intervals": {},
            }
            for name, value in (("one", 0.75), ("two", 0.25))
        ],
    }


def test_options_are_those_of_the_scorer(cli_here, lines):
    words = ("score", "toy", "truth=truth.txt", "found=two.txt", "--json")
    done = cli_here(*words, "ignore_case=yes", cwd=lines)
    assert json.loads(done.stdout)["found"][0]["conventions"]["lines"]["accuracy"] == 0.5
    done = cli_here(*words, "ignore_cases=yes", cwd=lines)
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown key ignore_cases. Did you mean 'ignore_case'?" in done.stderr


def test_nothing_is_written_but_on_demand(cli_here, lines):
    before = sorted(lines.iterdir())
    assert cli_here("score", "toy", "truth=truth.txt", "found=one.txt", cwd=lines).returncode == 0
    assert sorted(lines.iterdir()) == before
    done = cli_here(
        "score", "toy", "truth=truth.txt", "found=one.txt", "--out", "made/here", cwd=lines
    )
    assert done.returncode == 0
    written = json.loads((lines / "made" / "here" / "results.json").read_text())
    assert written["found"][0]["name"] == "one"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["toy", "truth=truth.txt"], 2, "expected found=PATH with predictions, got none"),
        (["toy", "found=one.txt"], 2, "expected truth=PATH once, got it 0 times"),
        (["toy", "truth=truth.txt", "one.txt"], 2, "for example found=one.txt"),
        (["toy", "truth=truth.txt", "found=no.txt"], 3, "found: there is no file or folder no.txt"),
        (
            ["toy", "truth=truth.txt", "found=one.txt", "found=one.txt"],
            2,
            "each file of found once",
        ),
        (
            ["toys", "truth=truth.txt", "found=one.txt"],
            2,
            "unknown task 'toys'. Did you mean 'toy'",
        ),
        (["word2vec", "truth=truth.txt", "found=one.txt"], 2, "task 'word2vec' has no scorer"),
    ],
)
def test_wrong_words_are_one_line(cli_here, lines, words, code, said):
    done = cli_here("score", *words, cwd=lines)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_files_of_one_name_are_told_apart_by_their_paths(cli_here, lines):
    for folder in ("a", "b"):
        (lines / folder).mkdir()
        (lines / folder / "one.txt").write_text("a b c d")
    words = ("truth=truth.txt", "found=a/one.txt", "found=b/one.txt", "--json")
    found = json.loads(cli_here("score", "toy", *words, cwd=lines).stdout)["found"]
    assert [one["name"] for one in found] == ["a/one.txt", "b/one.txt"]


def test_info_lists_the_options_of_a_scorer(cli_here):
    said = cli_here("info", "toy").stdout
    assert "Score (nntasks score toy truth=PATH found=PATH...), from a file or a folder:" in said
    assert "ignore_case" in said


@pytest.mark.parametrize("out", ["one.txt", "one.txt/made/here"])
def test_a_file_in_the_way_of_out_is_named_before_anything_is_computed(
    cli_here, lines, monkeypatch, out
):
    monkeypatch.setattr("nntasks.scoring.score", lambda *_, **__: pytest.fail("computed"))
    done = cli_here("score", "toy", "truth=truth.txt", "found=one.txt", "--out", out, cwd=lines)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"cannot write {out}: one.txt is a file; choose another --out" in done.stderr
