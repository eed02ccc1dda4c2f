"""A wheel of another Python: its kernels serve, of its readers one line each says that they do not.

pip refuses such a wheel, so it is unpacked, as a copied folder of packages would be.
"""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

SCRIPT = """
import torch
import nntasks
from nntasks.ops import active, nms
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
from nntasks.plugins.word2vec.corpus import engine as corpus
from nntasks.plugins.yolo_detect.data.coco_arrays import engine as coco
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator import engine as evaluator
from nntasks.plugins.yolo_detect.evaluation.confidence_curves import engine as curves

boxes = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 6, 6]])
print(nntasks.__file__)
print(active(), nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5).tolist())
modules = corpus.READER, coco.READER, evaluator.EVALUATOR, curves.CURVES
print([module.active() for module in modules])
print(encode("text.txt", "out", CorpusOptions(min_count=1)).words)
"""


@pytest.fixture
def unpacked(other_wheel, tmp_path):
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(other_wheel) as archive:
        archive.extractall(folder)
    return folder


def test_kernels_serve_and_each_reader_falls_back_with_one_line(installed, unpacked, project):
    script = project / "scripts" / "use.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    (project / "text.txt").write_text("two one two")
    done = subprocess.run(
        [str(installed), str(script)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    place, kernels, modules, words = done.stdout.splitlines()
    assert Path(place).is_relative_to(unpacked)
    assert kernels == "native [1, 2]"
    assert modules == str(["python"] * 4)
    assert words == "['two', 'one']"
    lines = done.stderr.splitlines()
    assert all("is for another Python; the Python one serves" in line for line in lines)
    names = ("corpus reader", "reader of COCO files", "evaluator of COCO's numbers")
    assert len(lines) == 4
    for name, line in zip((*names, "reader of confidence curves"), lines, strict=True):
        assert f"the compiled {name} _" in line
