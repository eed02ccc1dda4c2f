"""The cases of `nntasks bench`: each op once, with inputs that all its calls take."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks.bench import CASES
from nntasks.kernel_checks.box_peers import POWERBOXES, R_TREE


def test_each_op_is_one_of_ours_and_has_one_case():
    names = [case.op for case in CASES]
    assert len(set(names)) == len(names)
    for name in names:
        owner, _, method = name.partition(".")
        assert callable(getattr(getattr(ops, owner), method) if method else getattr(ops, owner))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_the_calls_are_ours_and_those_of_the_peers(case):
    absent = {POWERBOXES, R_TREE} if find_spec("powerboxes") is None else set()
    assert set(case.prepare()) == {"ours", *case.peers} - absent


@pytest.mark.parametrize("case", [case for case in CASES if case.compare], ids=lambda case: case.op)
def test_peers_give_the_same_as_the_case_compares(case):
    ours, *theirs = (call() for call in case.prepare().values())
    assert {case.compare(ours, peer) for peer in theirs} == {""}


@pytest.mark.parametrize("name", ["im2col", "col2im"])
def test_a_peer_computes_the_same(name):
    (case,) = (case for case in CASES if case.op == name)
    ours, theirs = (call() for call in case.prepare().values())
    torch.testing.assert_close(ours.reshape(theirs.shape), theirs, rtol=1e-4, atol=1e-4)
