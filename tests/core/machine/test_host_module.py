"""The choice between a compiled module and its Python reference."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from command_line import ROOT

from nntasks import ops
from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus.engine import READER as CORPUS
from nntasks.plugins.yolo_detect.data.coco_arrays.engine import READER as COCO
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR

MODULES = pytest.mark.parametrize(
    "module", [CORPUS, COCO, EVALUATOR], ids=["corpus", "coco", "evaluator"]
)


@MODULES
def test_the_switch_of_the_kernels_is_the_switch_of_the_module(monkeypatch, module):
    with ops.use("python"):
        assert module.active() == "python"
    monkeypatch.setenv("NNTASKS_LIBRARY", "none")
    with ops.use("auto"):
        assert module.active() == "python"
    monkeypatch.setattr(ops, "mode", lambda: "native")
    with pytest.raises(UsageError, match="not compiled"):
        module.active()


@pytest.mark.parametrize(
    ("suffix", "why"),
    [(".cpython-39-other.so", "is for another Python"), (EXTENSION_SUFFIXES[0], "does not load")],
)
def test_a_compiled_module_that_does_not_fit_is_told_in_one_line(tmp_path, capsys, suffix, why):
    module = replace(CORPUS, name="a_package._not_there", folder=tmp_path)
    (tmp_path / f"_not_there{suffix}").write_bytes(b"no library")
    with ops.use("auto"):
        assert [module.active(), module.active()] == ["python", "python"]
    (line,) = capsys.readouterr().err.splitlines()
    assert f"the compiled corpus reader _not_there{suffix} {why}" in line


def test_modules_of_several_other_pythons_are_told_in_one_line(tmp_path, capsys):
    for python in ("cpython-38", "cpython-39"):
        (tmp_path / f"_not_built.{python}-other.so").write_bytes(b"no library")
    module = replace(CORPUS, name="a_package._not_built", folder=tmp_path)
    with ops.use("auto"):
        assert module.active() == "python"
    (line,) = capsys.readouterr().err.splitlines()
    assert "_not_built.cpython-38-other.so is for another Python" in line


@MODULES
@pytest.mark.parametrize(
    ("size", "reason"),
    [(0, "the file is empty"), (40, "not a shared library"), (3000, "the file is cut short")],
)
def test_a_damaged_module_is_a_line_and_not_the_end(tmp_path, capsys, module, size, reason):
    whole = module.compiled()
    if whole is None:
        pytest.skip(f"the {module.what} is not compiled")
    damaged = tmp_path / Path(whole.__file__).name
    damaged.write_bytes(Path(whole.__file__).read_bytes()[:size])
    assert module.load(damaged) is None
    assert module.load(damaged) is None
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{damaged.name} does not load ({reason}" in line


@pytest.mark.parametrize("mode", ["", "auto"])
def test_a_compiled_module_is_chosen_without_torch(mode):
    code = (
        "import sys\n"
        "from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR\n"
        "print(EVALUATOR.active(), 'torch' in sys.modules)\n"
    )
    if EVALUATOR.compiled() is None:
        pytest.skip("the evaluator is not compiled")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "NNTASKS_OPS": mode},
    )
    assert done.stdout == "native False\n"
