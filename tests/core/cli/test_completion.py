"""Completion as a shell asks for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.shell_completion import BashComplete
from command_line import ROOT, cli_environment

from nntasks.cli import nntasks


def complete(*words):
    """Return the candidates for the last word, without their help."""
    shell = BashComplete(nntasks, {}, "nntasks", "_NNTASKS_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_verbs_and_tasks():
    assert complete("ex") == ["explain"]
    assert complete("run", "un") == ["unet_segment"]
    assert complete("info", "word") == ["word2vec"]


@pytest.mark.parametrize("verb", ["run", "ablate", "tune"])
def test_keys_of_the_task(verb):
    assert complete(verb, "unet_segment", "dep") == ["depth="]
    assert "data.size=" in complete(verb, "unet_segment", "data.")
    assert complete(verb, "no_such_task", "dep") == []


def test_values_in_shells_that_keep_the_word_whole():
    assert "loss=dice" in complete("run", "unet_segment", "loss=d")
    assert complete("run", "unet_segment", "data=bl") == ["data=blobs"]
    assert complete("run", "unet_segment", "epochs=") == []


def test_values_in_bash_which_ends_a_word_at_the_equals_sign():
    assert "dice" in complete("run", "unet_segment", "loss", "=", "d")
    assert "dice" in complete("run", "unet_segment", "loss", "=")
    assert complete("run", "unet_segment", "epochs=3", "data", "=", "p") == ["pets"]


def test_bash_gets_its_script():
    done = subprocess.run(
        [sys.executable, "-m", "nntasks"],
        env={**cli_environment(), "_NNTASKS_COMPLETE": "bash_source"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "_NNTASKS_COMPLETE=bash_complete" in done.stdout
