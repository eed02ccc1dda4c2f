"""NNTASKS_OPS as the command line meets it: one line and exit code 2, whatever the verb."""

from __future__ import annotations

import pytest

VERBS = (("list",), ("doctor",), ("run", "toy"), ("run", "toy", "--dry-run"))


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_a_wrong_mode(cli, words):
    done = cli(*words, NNTASKS_OPS="fast")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line == "nntasks: NNTASKS_OPS: expected one of auto, native, python, got 'fast'"
    assert done.stdout == ""


@pytest.mark.parametrize("words", VERBS[1:], ids=" ".join)
def test_native_where_nothing_is_compiled(cli, words):
    done = cli(*words, NNTASKS_OPS="native", NNTASKS_LIBRARY="none")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("nntasks: NNTASKS_OPS: native kernels are required but missing")


def test_a_library_that_is_garbage_is_one_line(cli, tmp_path):
    (tmp_path / "garbage.so").write_bytes(b"garbage")
    done = cli("doctor", NNTASKS_OPS="auto", NNTASKS_LIBRARY=str(tmp_path / "garbage.so"))
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "garbage.so does not load (not a shared library)" in line
    assert "kernels: python (garbage.so does not load)" in done.stdout
