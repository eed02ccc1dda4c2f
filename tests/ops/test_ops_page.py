"""The examples of docs/ops.md are run as they stand there."""

from __future__ import annotations

import doctest

from command_line import ROOT


def test_every_example():
    failed, tried = doctest.testfile(str(ROOT / "docs" / "ops.md"), module_relative=False)
    assert tried >= 26
    assert failed == 0
