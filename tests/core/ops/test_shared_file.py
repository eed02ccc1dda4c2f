"""Libraries that would end the process are told from their bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from nntasks.ops._shared_file import why_not_loadable

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF files")
WHOLE = next((Path(torch.__file__).parent / "lib").glob("libshm*.so"))


def test_whole_libraries_are_loadable():
    assert why_not_loadable(WHOLE) == ""
    assert why_not_loadable(Path(sys.executable)) == ""


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_library_that_was_cut_short(tmp_path, share):
    data = WHOLE.read_bytes()
    (tmp_path / "cut.so").write_bytes(data[: int(len(data) * share)])
    reason = why_not_loadable(tmp_path / "cut.so")
    assert reason.startswith(f"the file is cut short: {int(len(data) * share):,} of ")


@pytest.mark.parametrize(("place", "value"), [(4, 1), (5, 2), (18, 0xF3), (19, 1)])
def test_a_library_of_another_processor(tmp_path, place, value):
    data = bytearray(WHOLE.read_bytes())
    data[place] = value  # 32 bits, the other byte order, the number of another machine
    (tmp_path / "other.so").write_bytes(data)
    assert why_not_loadable(tmp_path / "other.so") == "compiled for another processor"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (b"garbage" * 40, "not a shared library"), (b"\x7fELF", "not a")],
)
def test_what_is_no_library(tmp_path, content, reason):
    (tmp_path / "no.so").write_bytes(content)
    assert why_not_loadable(tmp_path / "no.so").startswith(reason)


def test_what_is_no_file(tmp_path):
    assert why_not_loadable(tmp_path) == "not a file"
    assert why_not_loadable(tmp_path / "none.so") == "no such file"
