"""Real candidates for the benchmarks: where the data are missing, the case is left out by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nntasks.errors import MissingError
from nntasks.kernel_checks.inputs import Case

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch, tmp_path):
    """The modules of the benchmarks as their scripts see them, and a folder without data."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(FOLDER)):
            del sys.modules[name]


def test_the_folder_and_what_it_lacks_are_named(benchmarks, tmp_path):
    from yolo_candidates import candidates

    with pytest.raises(MissingError, match=r"yolov5n\.safetensors and .* in .*; set NNTASKS_DATA"):
        candidates()


def test_a_case_without_its_data_is_left_out_by_name(benchmarks, capsys):
    from measured import rows_of_all
    from yolo_candidates import candidates

    from nntasks import ops

    if not ops.native_available():
        pytest.skip("needs the compiled library")
    there = Case("op", "made-up", lambda: {"ours": int, "them": int}, ("them",), with_python=False)
    rows = rows_of_all([Case("nms", "photographs", candidates), there])
    assert [row.work for row in rows] == ["made-up"]
    assert "left out: nms, photographs: expected yolov5n/" in capsys.readouterr().err
