"""Raw calls with hostile input: an error or an answer, never a crash.

The calls are made in a process of its own, so that a crash is a failed test and not the end of all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from command_line import ROOT

PROGRAM = Path(__file__).parent / "hostile_calls.py"


def outcomes(overload, seed):
    """Run the program and return how many calls gave an answer, and how many refused."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM, overload, str(seed)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NNTASKS_OPS": "auto"},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return map(int, done.stdout.split())


@pytest.mark.parametrize("overload", [pytest.param("default", id="native"), "python"])
def test_hostile_calls(request, overload):
    if overload == "default":
        request.getfixturevalue("native")
    answers, refusals = outcomes(overload, seed=0)
    assert answers > 300
    assert refusals > 3000


BOXES, SCORES = torch.rand(3, 4), torch.rand(3)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("nms", (BOXES[:, :3], SCORES, 0.5), r"nms: boxes must have shape \(N, 4\)"),
        ("nms", (BOXES.int(), SCORES, 0.5), "nms: boxes must be float16, bfloat16, float32 or"),
        ("nms", (BOXES, SCORES[:2], 0.5), "nms: scores must have .*one value a box"),
        ("nms", (BOXES[:2], SCORES, 0.5), "nms: scores must have .*one value a box"),
        ("nms", (BOXES, SCORES, float("nan")), "nms: iou_threshold must be from 0 to 1"),
        ("nms", (BOXES, SCORES, 0.5, -1), "nms: max_output must be 0 or more"),
        ("batched_nms", (BOXES, SCORES, SCORES, 0.5), "batched_nms: groups must be"),
        ("batched_nms", (BOXES, SCORES, torch.arange(2), 0.5), "groups must have .*one value a"),
        ("box_iou", (BOXES, BOXES[:, :3], 0), r"box_iou: b must have shape \(N, 4\)"),
        ("box_iou", (BOXES, BOXES.double(), 0), "box_iou: a and b must have one dtype"),
        ("box_iou", (BOXES, BOXES.to("meta"), 0), "a and b must be on one device"),
        ("box_iou", (BOXES.to("meta")[:, :3], BOXES.to("meta"), 0), r"a must have shape \(N, 4\)"),
        ("box_iou", (BOXES, BOXES, -1), "box_iou: kind must be from 0 to 3"),
        ("box_iou", (BOXES, BOXES, 4), "box_iou: kind must be from 0 to 3"),
    ],
)
@pytest.mark.parametrize("overload", [pytest.param("default", id="native"), "python"])
def test_raw_calls_say_what_is_wrong(request, overload, name, arguments, message):
    if overload == "default":
        request.getfixturevalue("native")
    with pytest.raises((RuntimeError, ValueError, TypeError), match=message):
        getattr(getattr(torch.ops.nntasks, name), overload)(*arguments)
