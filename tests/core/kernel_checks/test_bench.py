"""The cases of `nntasks bench`: each op once, with inputs that all its calls take."""

from __future__ import annotations

import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks.bench import CASES


def test_each_op_is_one_of_ours_and_has_one_case():
    names = [case.op for case in CASES]
    assert len(set(names)) == len(names)
    for name in names:
        owner, _, method = name.partition(".")
        assert callable(getattr(getattr(ops, owner), method) if method else getattr(ops, owner))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_the_calls_are_ours_and_those_of_the_peers(case):
    assert set(case.prepare()) == {"ours", *case.peers}


@pytest.mark.parametrize("name", ["im2col", "col2im", "box_iou"])
def test_a_peer_computes_the_same(name):
    (case,) = (case for case in CASES if case.op == name)
    ours, theirs = (call() for call in case.prepare().values())
    torch.testing.assert_close(ours.reshape(theirs.shape), theirs, rtol=1e-4, atol=1e-4)
