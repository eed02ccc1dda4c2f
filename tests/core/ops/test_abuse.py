"""Raw calls with hostile input: an error or an answer, never a crash.

The calls are made in a process of its own, so that a crash is a failed test and not the end of all.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from command_line import ROOT
from hostile_calls import FAMILIES

from nntasks.kernel_checks.inputs import matching, raw_detections, weighting

PROGRAM = Path(__file__).parent / "hostile_calls.py"


@functools.cache
def outcomes(family, overload):
    """Run the program and return how many calls gave an answer, and how many refused."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM, family, overload, "0"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
            "NNTASKS_OPS": "auto",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return tuple(map(int, done.stdout.split()))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("overload", [pytest.param("default", id="native"), "python"])
def test_hostile_calls(request, family, overload):
    if overload == "default":
        request.getfixturevalue("native")
    answers, refusals = outcomes(family, overload)
    assert answers > 100
    assert refusals > 1000


@pytest.mark.parametrize("family", FAMILIES)
def test_both_refuse_the_same(native, family):
    assert outcomes(family, "default") == outcomes(family, "python")


BOXES, SCORES = torch.rand(3, 4), torch.rand(3)
PICTURE, COLUMNS = torch.rand(1, 2, 4, 5), torch.rand(1, 8, 12)
ONES, ZEROS, TWOS = [1, 1], [0, 0], [2, 2]
TABLE = torch.tensor([[1, 0], [2, 0]])
RIGHT = matching(2)
FOUND = raw_detections(2)
RANKINGS, *MORE = weighting(3)
WEIGHTED = (*RANKINGS, *MORE)


def but(place, value, right=RIGHT):
    """Return right arguments, of `match_greedily` if none are given, but for one."""
    return (*right[:place], value, *right[place + 1 :])


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
        *(
            ("batched_nms", (BOXES, SCORES, torch.arange(3).to(dtype), 0.5), "groups must be int64")
            for dtype in (torch.int8, torch.uint8, torch.int16, torch.int32, torch.bool)
        ),
        ("batched_nms", (BOXES, SCORES, torch.arange(2), 0.5), "groups must have .*one value a"),
        ("box_iou", (BOXES, BOXES[:, :3], 0), r"box_iou: b must have shape \(N, 4\)"),
        ("box_iou", (BOXES, BOXES.double(), 0), "box_iou: a and b must have one dtype"),
        ("box_iou", (BOXES, BOXES.to("meta"), 0), "a and b must be on one device"),
        ("box_iou", (BOXES.to("meta")[:, :3], BOXES.to("meta"), 0), r"a must have shape \(N, 4\)"),
        ("box_iou", (BOXES, BOXES, -1), "box_iou: kind must be from 0 to 3"),
        ("box_iou", (BOXES, BOXES, 4), "box_iou: kind must be from 0 to 3"),
        ("soft_nms", (BOXES, SCORES[:2], 0, 0.5, 0.3, 0.0), "soft_nms: scores must .*one value"),
        ("soft_nms", (BOXES, SCORES, 2, 0.5, 0.3, 0.0), "soft_nms: method must be 0 or 1"),
        ("soft_nms", (BOXES, SCORES, 0, 0.0, 0.3, 0.0), "soft_nms: sigma must be above 0"),
        ("soft_nms", (BOXES, SCORES, 0, 0.5, 0.3, -1.0), "soft_nms: score_threshold must be 0 or"),
        (
            "im2col",
            (PICTURE[0], TWOS, ONES, ZEROS, ONES),
            r"im2col: x must have shape \(N, C, H, W",
        ),
        ("im2col", (PICTURE, TWOS, ZEROS, ZEROS, ONES), "im2col: stride must be from 1 to"),
        ("im2col", (PICTURE, [5, 1], ONES, ZEROS, ONES), "im2col: no window .*fits"),
        ("im2col", (PICTURE, [1], ONES, ZEROS, ONES), "im2col: kernel_size must be"),
        ("col2im", (COLUMNS, [4, 4], TWOS, ONES, ZEROS, ONES), "col2im: columns must have shape"),
        ("col2im", (COLUMNS.int(), [4, 5], TWOS, ONES, ZEROS, ONES), "columns must be float16, "),
        ("philox", (TABLE, 1, 0), r"philox: counters must have shape \(N,\)"),
        ("philox", (SCORES, 1, 0), "philox: counters must be int64"),
        ("alias_build", (SCORES,), "alias_build: weights must be float64"),
        ("alias_build", (SCORES.double() - 2,), "weights must be finite and 0 or more"),
        ("alias_draw", (TABLE[0], 1, 1, 0), r"alias_draw: table must have shape \(n, 2\)"),
        ("alias_draw", (TABLE, -1, 1, 0), "alias_draw: count must be from 0 to 2.48"),
        ("alias_draw", (TABLE, 1, 1, -1), "alias_draw: .*offset .*from 0 to 2.62"),
        ("match_greedily", but(0, RIGHT[0] + 1), "match_greedily: starts must rise from 0 to"),
        ("match_greedily", but(1, RIGHT[1] + 9), "match_greedily: truths must be from 0 to 3"),
        ("match_greedily", but(3, -RIGHT[3]), "match_greedily: groups must not fall"),
        ("match_greedily", but(5, RIGHT[4]), "match_greedily: .*ignored"),
        ("match_detections", but(0, FOUND[0].int(), FOUND), "match_detections: image must be"),
        ("match_detections", but(3, FOUND[3][1:], FOUND), "match_detections: image.* must have"),
        ("match_detections", but(11, 0, FOUND), "match_detections: max_detections must be 1 or"),
        *(
            ("weighted_ap", but(place, value, WEIGHTED), f"weighted_ap: {message}")
            for place, value, message in (
                (0, RANKINGS.starts + 1, "starts must rise from 0 to 400"),
                (1, RANKINGS.image + 1, "image must be from 0 to 39"),
                (2, RANKINGS.copy - 1, "copy must be from 0 to 255"),
                (4, RANKINGS.rows.flip(0), "rows must rise"),
                (5, RANKINGS.right[..., 1:], ".*right"),
                (7, WEIGHTED[7] - 2000, "truths must be from 0 to"),
                (8, WEIGHTED[8].long(), "weights must be"),
                (9, WEIGHTED[9] ** 2, "levels must be evenly spaced"),
            )
        ),
    ],
)
@pytest.mark.parametrize("overload", [pytest.param("default", id="native"), "python"])
def test_raw_calls_say_what_is_wrong(request, overload, name, arguments, message):
    if overload == "default":
        request.getfixturevalue("native")
    with pytest.raises((RuntimeError, ValueError, TypeError), match=message):
        getattr(getattr(torch.ops.nntasks, name), overload)(*arguments)
