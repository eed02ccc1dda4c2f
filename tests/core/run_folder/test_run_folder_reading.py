"""Reading the text files of a run: what is absent is None, and damage is one line with a remedy."""

from __future__ import annotations

import json

import pytest

from nntasks.errors import UsageError
from nntasks.run_folder import reading

SUMMARY = {
    "task": "toy",
    "run": "a",
    "seed": 0,
    "seconds": 1.5,
    "model": "net",
    "data": "clouds",
    "samples": 8,
    "headline": ["accuracy"],
    "metrics": {"accuracy": 0.5, "undefined": None},
    "definitions": {},
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "file"


def test_what_is_not_there(file):
    assert reading.read_text(file) is None
    assert reading.read_json(file) is None
    assert reading.read_summary(file) is None
    assert reading.read_rows(file) == reading.read_lines(file) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"{", "expected JSON: Expecting property name"),
        (b"[1]", "expected a JSON object, got list"),
        (b"null", "expected a JSON object, got NoneType"),
        (b"[" * 100_000, "expected JSON: "),
        (b'{"a": "\xff"}', "expected UTF-8, got byte 0xff"),
    ],
)
def test_damaged_json(file, content, what):
    file.write_bytes(content)
    with pytest.raises(UsageError) as told:
        reading.read_json(file)
    assert str(told.value).startswith(f"{file} is damaged: {what}")
    assert str(told.value).endswith("; restore it from a copy, or move it away")


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        reading.read_text(tmp_path)


def test_a_whole_summary(file):
    file.write_text(json.dumps(SUMMARY))
    assert reading.read_summary(file) == SUMMARY


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("seed", "3", "its 'seed' is '3'"),
        ("task", None, "its 'task' is None"),
        ("metrics", {"accuracy": "high"}, "its metric 'accuracy' is 'high'"),
        ("headline", ["loss"], "its 'headline' is ['loss']"),
        ("headline", [1], "its 'headline' is [1]"),
        ("headline", [["accuracy"]], "its 'headline' is [['accuracy']]"),
    ],
)
def test_a_damaged_summary_names_the_key(file, key, value, what):
    file.write_text(json.dumps({**SUMMARY, key: value}))
    with pytest.raises(UsageError) as told:
        reading.read_summary(file)
    assert f"is damaged: {what};" in str(told.value)


def test_a_summary_that_lacks_a_key(file):
    file.write_text(json.dumps({key: SUMMARY[key] for key in SUMMARY if key != "samples"}))
    with pytest.raises(UsageError, match="its 'samples' is None"):
        reading.read_summary(file)


def test_rows(file):
    file.write_text('{"split": "train", "step": 1, "loss": 0.5}\n{"step": 2, "loss": null}\n')
    assert reading.read_rows(file) == [
        {"split": "train", "step": 1, "loss": 0.5},
        {"step": 2, "loss": None},
    ]


@pytest.mark.parametrize("line", ['{"loss": "low"}', '{"split": 1}', "[]", '{"loss":', ""])
def test_a_damaged_row_is_named_by_its_line(file, line):
    file.write_text('{"step": 1}\n' + line + '\n{"step": 3}\n')
    with pytest.raises(UsageError, match="line 2 is not a row"):
        reading.read_rows(file)


def test_lines_may_hold_anything_in_an_object(file):
    file.write_text('{"model": "a hash", "epoch": 1}\n')
    assert reading.read_lines(file) == [{"model": "a hash", "epoch": 1}]


def test_a_message_of_several_lines_becomes_one():
    told = str(reading.damaged("a.json", "first\n   second"))
    assert told.startswith("a.json is damaged: first second; ")
