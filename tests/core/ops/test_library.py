"""Choosing the implementation, and what importing the kernels brings with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from boxes import random_boxes, random_scores
from command_line import ROOT

from nntasks import ops

PROGRAM = """
import sys, torch
from nntasks import ops
boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 10, 10], [20, 0, 30, 10]])
print(ops.active())
print(ops.nms(boxes, torch.tensor([0.1, 0.9, 0.5]), 0.5).tolist())
print(sorted(name for name in sys.modules
             if name.split(".")[0] in ("nntasks", "torchvision", "pluggy", "pydantic")))
"""
FILES = sorted(path.stem for path in (ROOT / "core" / "ops").glob("*.py"))
OURS = ["nntasks", "nntasks.ops", *(f"nntasks.ops.{name}" for name in FILES if name != "__init__")]


def run(folder: Path, program=PROGRAM, **environment):
    """Run a program that finds `core` in `folder`."""
    variables = {**os.environ, "PYTHONPATH": str(folder), "NNTASKS_LIBRARY": "", **environment}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd="/",
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def without_library(tmp_path_factory):
    """Return a folder with the package's kernels alone, nothing compiled."""
    folder = tmp_path_factory.mktemp("bare")
    shutil.copytree(
        ROOT / "core" / "ops",
        folder / "nntasks" / "ops",
        ignore=shutil.ignore_patterns("*.so", "__pycache__"),
    )
    return folder


class TestImport:
    def test_it_loads_torch_and_nothing_else_of_ours(self):
        library = os.environ.get("NNTASKS_LIBRARY", "")
        done = run(ROOT, NNTASKS_OPS="auto", NNTASKS_LIBRARY=library)
        assert done.returncode == 0, done.stderr
        active, kept, modules = done.stdout.splitlines()
        assert kept == "[1, 2]"
        assert modules == str(OURS)
        with ops.use("auto"):
            assert active == ops.active()

    def test_without_a_compiled_library_the_references_serve(self, without_library):
        done = run(without_library, NNTASKS_OPS="auto")
        assert done.returncode == 0, done.stderr
        active, kept, modules = done.stdout.splitlines()
        assert active == "python (no compiled library)"
        assert kept == "[1, 2]"
        assert modules == str(OURS)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "the file is empty"),
            (b"no library", "not a shared library"),
            (Path(sys.executable).read_bytes()[:64], "the file is cut short: 64 of"),
        ],
    )
    def test_a_damaged_library_is_one_line_not_the_end(
        self, without_library, tmp_path, content, reason
    ):
        shutil.copytree(without_library, tmp_path / "bare")
        (tmp_path / "bare" / "nntasks" / "ops" / "_native.so").write_bytes(content)
        done = run(tmp_path / "bare", NNTASKS_OPS="auto")
        assert done.returncode == 0
        (line,) = done.stderr.splitlines()
        assert f"_native.so does not load ({reason}" in line
        assert line.endswith("the Python references serve")
        assert done.stdout.startswith("python (_native.so does not load)\n[1, 2]")


class TestVariable:
    def test_python(self):
        assert run(ROOT, NNTASKS_OPS="python").stdout.startswith("python\n[1, 2]")

    def test_no_library_wanted(self):
        done = run(ROOT, NNTASKS_OPS="auto", NNTASKS_LIBRARY="none")
        assert done.stdout.startswith("python (no compiled library)\n[1, 2]")

    def test_another_library(self, without_library):
        file = ROOT / "core" / "ops" / "_native.so"
        if not file.exists():
            pytest.skip("no compiled library")
        done = run(without_library, NNTASKS_OPS="auto", NNTASKS_LIBRARY=str(file))
        assert done.stdout.startswith("native\n[1, 2]")

    def test_another_library_that_is_not_there(self, tmp_path):
        done = run(ROOT, NNTASKS_OPS="auto", NNTASKS_LIBRARY=str(tmp_path / "none.so"))
        (line,) = done.stderr.splitlines()
        assert line.endswith("none.so does not load (no such file); the Python references serve")
        assert done.stdout.startswith("python (none.so does not load)\n[1, 2]")

    def test_native_where_there_is_none(self, without_library):
        done = run(without_library, NNTASKS_OPS="native")
        assert done.returncode != 0
        assert "NNTASKS_OPS: native kernels are required but missing" in done.stderr

    def test_a_wrong_word(self):
        done = run(ROOT, NNTASKS_OPS="fast")
        assert "NNTASKS_OPS: expected one of auto, native, python, got 'fast'" in done.stderr


BOXES, SCORES, GROUPS = torch.zeros(3, 4), torch.zeros(3), torch.arange(3)
WRONG = [
    lambda: ops.nms(BOXES[:, :3], SCORES, 0.5),
    lambda: ops.nms(BOXES.long(), SCORES, 0.5),
    lambda: ops.nms(BOXES, SCORES[:2], 0.5),
    lambda: ops.nms(BOXES, SCORES, 1.5),
    lambda: ops.nms(BOXES, SCORES, 0.5, max_output=-1),
    lambda: ops.batched_nms(BOXES, SCORES, SCORES, 0.5),
    lambda: ops.batched_nms(BOXES, SCORES, GROUPS[:2], 0.5),
    lambda: ops.box_iou(BOXES, BOXES[0]),
    lambda: ops.box_iou(BOXES, BOXES.double()),
    lambda: ops.box_iou(BOXES, BOXES, "area"),
]


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("call", WRONG)
def test_both_implementations_refuse_in_the_same_words(call):
    said = []
    for mode in ("native", "python"):
        with ops.use(mode), pytest.raises((TypeError, ValueError)) as caught:
            call()
        said.append((caught.type, str(caught.value)))
    assert said[0] == said[1]


class TestUse:
    @pytest.mark.usefixtures("native")
    def test_inside_the_block_and_no_longer(self):
        with ops.use("auto"):
            before = ops.active()
            with ops.use("python"):
                assert ops.active() == "python"
                with ops.use("native"):
                    assert ops.active() == "native"
                assert ops.active() == "python"
            assert ops.active() == before

    @pytest.mark.usefixtures("native")
    def test_a_compiled_function_follows_the_choice(self, monkeypatch):
        module, called = sys.modules["nntasks.ops.nms"], []
        reference = module._greedy
        monkeypatch.setattr(
            module, "_greedy", lambda *arguments: called.append(1) or reference(*arguments)
        )
        compiled = torch.compile(lambda b, s: ops.nms(b, s, 0.5), fullgraph=True, backend="eager")
        for mode, times in (("native", 0), ("python", 1), ("native", 1)):
            with ops.use(mode):
                compiled(BOXES, SCORES)
            assert len(called) == times

    def test_an_error_inside_restores_it_too(self):
        before = ops.active()
        with pytest.raises(KeyError), ops.use("python"):
            raise KeyError
        assert ops.active() == before

    def test_a_wrong_word(self):
        with pytest.raises(ValueError, match="one of auto, native, python, got 'c'"), ops.use("c"):
            pass

    @pytest.mark.usefixtures("native")
    def test_the_chosen_one_is_really_called(self, monkeypatch):
        boxes, scores = random_boxes(10), random_scores(10)
        called = []
        module = sys.modules["nntasks.ops.nms"]  # the name itself is the function's
        reference = module._greedy
        monkeypatch.setattr(
            module, "_greedy", lambda *arguments: called.append(1) or reference(*arguments)
        )
        with ops.use("native"):
            ops.nms(boxes, scores, 0.5)
        assert called == []
        with ops.use("python"):
            ops.nms(boxes, scores, 0.5)
        assert called == [1]


def test_the_compiled_library_needs_no_python(native):
    """It is tied to no version of Python: it does not name any of its symbols."""
    library = (ROOT / "core" / "ops" / "_native.so").read_bytes()
    assert b"PyObject" not in library
    assert b"Py_Initialize" not in library
    assert torch.ops.nntasks.nms.default is not None
