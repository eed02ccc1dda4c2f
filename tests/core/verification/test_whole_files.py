"""The files of a run: what is missing, damaged or contradicts another, a line each."""

from __future__ import annotations

import json

import numpy as np
import pytest
from written_runs import write_run

from nntasks.run_folder import RunFolder
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.storage import checksums
from nntasks.verification.whole_files import changed_files, checkpoint_damage, file_damage

NAME = "20261123-120000-abcdef"
ROWS = '{"split": "train", "step": 1, "epoch": 1}\n{"split": "train", "step": 2, "epoch": 2}\n'
HASHES = '{"epoch": 1, "weights": "a"}\n{"epoch": 2, "weights": "b"}\n'
DATA = {"train": {"samples": 3}}


@pytest.fixture
def run(tmp_path):
    """Return the folder of a whole run, written by hand."""
    keys = {"seed": 3, "data": "clouds"}
    path = write_run(tmp_path, NAME, metrics={"accuracy": 1.0}, **keys)
    (path / "environment.json").write_text(json.dumps({"fingerprint": DATA}))
    (path / "metrics.jsonl").write_text(ROWS)
    (path / "hashes.jsonl").write_text(HASHES)
    (path / "items.csv").write_text("id\n1\n")
    (path / "checkpoints").mkdir()
    copies = {
        "metrics.jsonl": ROWS.encode(),
        "hashes.jsonl": HASHES.encode(),
        "data.json": json.dumps(DATA).encode(),
    }
    checkpoints = Checkpoints(path / "checkpoints", lambda: copies)
    checkpoints.save(2, {"model": {"w": np.ones(2)}}, {})
    checkpoints.save_final({"w": np.ones(2)}, {})
    return path


def damage(run):
    return list(file_damage(RunFolder.open(run)))


def test_a_whole_run_has_no_damage(run):
    assert damage(run) == []
    assert list(checkpoint_damage(RunFolder.open(run))) == []


def test_a_run_that_is_not_finished_says_so_first(run):
    for name in ("summary.json", "items.csv"):
        (run / name).unlink()
    assert damage(run) == [
        f"the run is not finished; continue it with --resume {run}",
        "summary.json is missing",
        "items.csv is missing",
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("summary.json", "{", "summary.json is damaged: expected JSON"),
        ("metrics.jsonl", "[]\n", "metrics.jsonl is damaged: line 1 is not a row"),
        ("environment.json", "[]", "environment.json is damaged: expected a JSON object, got list"),
        ("config.yaml", "task: [", "config.yaml"),
    ],
)
def test_damage_is_told_without_the_place_and_the_advice(run, name, text, told):
    (run / name).write_text(text)
    lines = damage(run)
    assert any(line.startswith(told) for line in lines)
    assert not any(str(run) in line or "restore it" in line for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("seed: 3", "seed: 4", "seed=4, summary.json 3"),
        ('data: "clouds"', "data: moons", "data=moons, summary.json clouds"),
    ],
)
def test_a_configuration_that_contradicts_the_summary(run, old, new, line):
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace(old, new))
    assert damage(run) == [f"config.yaml says {line}"]


def test_other_data_than_those_of_the_checkpoints(run):
    (run / "environment.json").write_text(json.dumps({"fingerprint": {"train": {"samples": 4}}}))
    (line,) = damage(run)
    assert line == "environment.json: its fingerprint of the data is not that of the checkpoints"


@pytest.mark.parametrize(("name", "lines"), [("baseline", 0), ("20200101-000000-abcdef", 1)])
def test_a_copy_may_be_called_anything_but_like_another_run(run, name, lines):
    assert len(damage(run.rename(run.with_name(name)))) == lines


@pytest.mark.parametrize("name", ["metrics.jsonl", "hashes.jsonl"])
def test_lines_are_those_that_were_stored_with_the_weights(run, name):
    first, second = (run / name).read_text().splitlines(keepends=True)
    (run / name).write_text(first)
    assert damage(run) == [f"{name} has 1 of 2 rows"]
    (run / name).write_text(first + second.replace("2", "7", 1))
    assert damage(run) == [f"{name}: line 2 has changed"]
    (run / name).write_text(first + second + second)
    assert damage(run) == [f"{name}: line 3 has changed"]


def test_damaged_checkpoints_are_named_by_their_place(run):
    (run / "checkpoints" / "step-00000002" / "state.json").write_text("{ }")
    (run / "checkpoints" / "final" / "model.safetensors").unlink()
    assert list(checkpoint_damage(RunFolder.open(run))) == [
        "checkpoints/final: model.safetensors is missing",
        "checkpoints/step-00000002: the checksum of state.json differs",
    ]


def test_files_that_changed_since_the_end(run):
    assert list(changed_files(RunFolder.open(run))) == []  # no checksums: nothing to say
    checksums.write(run)
    (run / "items.csv").write_text("id\n2\n")
    assert list(changed_files(RunFolder.open(run))) == ["the checksum of items.csv differs"]
