"""Matching without torch gives what the kernel gives."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from command_line import ROOT

from nntasks.kernel_checks.inputs import matching
from nntasks.ops import match_greedily
from nntasks.plugins.yolo_detect.evaluation.greedy import _match_by_bits


@pytest.mark.parametrize("seed", range(5))
def test_bits_give_what_the_kernel_gives(seed):
    given = [value.numpy() for value in matching(200, seed)]
    starts, truths, ious, _, crowd, ignored, thresholds = given
    expected = match_greedily(*given).numpy()
    found = _match_by_bits(starts, truths, ious, crowd, ignored, thresholds)
    assert (expected >= 0).any()
    np.testing.assert_array_equal(found, expected)


def test_nothing_matches_nothing():
    none = np.zeros(0, np.int64)
    found = _match_by_bits(
        np.zeros(1, np.int64),
        none,
        np.zeros(0),
        np.zeros(0, bool),
        np.zeros((0, 4), bool),
        np.linspace(0.5, 0.95, 10),
    )
    assert found.shape == (0, 4, 10)


def test_a_few_boxes_are_scored_without_torch(tmp_path):
    truth, found = tmp_path / "truth.csv", tmp_path / "found.csv"
    truth.write_text("image,class,x1,y1,x2,y2\na,cat,0,0,10,10\n")
    found.write_text("image,class,x1,y1,x2,y2,score\na,cat,0,0,10,9,0.5\n")
    code = (
        "import sys\n"
        "from nntasks.scoring import score\n"
        f"print(score('yolo_detect', {str(truth)!r}, {str(found)!r}).found[0].conventions)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.rstrip().endswith("False")
    assert "'map50': 1.0" in done.stdout
