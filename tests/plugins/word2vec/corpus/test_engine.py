"""The corpus reader and torch."""

from __future__ import annotations

import sys

import pytest


def test_reading_loads_no_torch(cli_free_python):
    assert cli_free_python(
        "import nntasks.plugins.word2vec.corpus, sys; print('torch' in sys.modules)"
    ) == ("False\n")


@pytest.fixture
def cli_free_python():
    """Return a function that runs Python in a process of its own and returns what it prints."""
    import subprocess

    from command_line import ROOT

    def call(code):
        return subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    return call
