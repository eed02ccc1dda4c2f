"""`nntasks info`: every key of a task in groups, or one key with what it means."""

from __future__ import annotations

import pytest


@pytest.fixture
def lines(cli_here):
    """Return a function that returns the lines of `info`."""

    def call(*words):
        done = cli_here("info", *words)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return call


def between(lines, start, end):
    first = lines.index(start)
    return lines[first + 1 : lines.index(end, first)]


def keys_in(lines):
    return [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]


def test_a_task(lines):
    found = lines("toy")
    assert found[0] == "toy: tell two clouds of points apart"
    assert "Two clouds of points; which one does a point belong to?" in found
    assert "Headline metrics: accuracy" in found
    common = keys_in(between(found, "Keys (key=value):", "Keys of this task:"))
    own = keys_in(between(found, "Keys of this task:", "More keys:"))
    others = keys_in(between(found, "More keys:", "Models (model=NAME):"))
    assert common[:3] == ["data", "model", "epochs"]
    assert own == ["width", "step_seconds", "blow_up"]
    assert "momentum" in others
    assert not {"data_options", "model_options"} & {*common, *own, *others}
    assert len({*common, *own, *others}) == len(common) + len(own) + len(others)


def test_entries_have_their_options_and_those_that_cannot_be_used_their_reason(lines):
    found = lines("toy")
    sets = between(found, "Data sets (data=NAME):", "Metrics (metrics=NAME,NAME):")
    assert " ".join(sets[2].split()).startswith("data.points default 256; a whole number >= 8")
    (costly,) = [n for n, line in enumerate(sets) if line.strip().startswith("costly")]
    assert sets[costly + 1].startswith("    cannot be used here: ")
    assert "no_such_package" in sets[costly + 1]


def test_the_options_of_the_scorer(lines):
    found = "\n".join(lines("toy"))
    assert "Score (nntasks score toy truth=PATH found=PATH...), from a file or a folder:" in found
    assert "ignore_case" in found


def test_one_key(lines):
    assert lines("toy", "width") == [
        "toy:",
        "  width              default 8; a whole number >= 1 and <= 64",
        "      hidden units",
    ]
    assert lines("toy", "data.points")[0] == "data=clouds:"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("toy", "wdith"), "toy has no key 'wdith'. Did you mean 'width'?"),
        (("toy", "zzzzzz"), "toy has no key 'zzzzzz'. nntasks info toy lists all."),
        (("toy", "data_options"), "toy has no key 'data_options'."),
        (("numpy_mlp", "layers"), "layers is called hidden_sizes now"),
        (("tyo",), "unknown task 'tyo'. Did you mean 'toy'?"),
    ],
)
def test_mistakes(cli_here, words, message):
    done = cli_here("info", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), (True, "yes"), (False, "no"), ((1, 2), "1,2"), ((), "none"), ("", "empty")],
)
def test_defaults_as_they_are_typed(value, text):
    from nntasks.cli.info import _shown

    assert _shown(value) == text
