"""`nntasks bench`: the ops that were asked for, in a table or as JSON."""

from __future__ import annotations

import json

import pytest
import torch

from nntasks.kernel_checks import bench
from nntasks.kernel_checks.inputs import Case


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let two ops take no time; return the numbers of threads that they were called with."""
    seen = []

    def prepare():
        return {"ours": lambda: seen.append(torch.get_num_threads()), "them": lambda: None}

    cases = [Case(op, "some work", prepare, ("them",)) for op in ("im2col", "soft_nms")]
    monkeypatch.setattr(bench, "CASES", cases)
    return seen


def test_a_table_of_the_ops_asked_for(cli_here):
    done = cli_here("bench", "soft_nms", "--rounds", "1", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert "1 thread," in done.stdout
    assert done.stdout.count("soft_nms") == 2  # against the peer and the reference
    assert "the Python reference" in done.stdout
    assert "im2col" not in done.stdout
    assert done.stderr.splitlines() == ["timing soft_nms"]


def test_all_ops_as_json(cli_here):
    result = json.loads(cli_here("bench", "--rounds", "1", "--json").stdout)
    assert [row["op"] for row in result["rows"]] == ["im2col", "im2col", "soft_nms", "soft_nms"]
    assert all(row["ours"] > 0 for row in result["rows"])
    assert result["left_out"] == []
    assert result["kernels"] in ("native", "python")


def test_the_number_of_threads_is_set_back(cli_here, quick):
    before = torch.get_num_threads()
    cli_here("bench", "im2col", "--rounds", "1", "--threads", str(before + 1))
    assert set(quick) == {before + 1}
    assert torch.get_num_threads() == before


def test_a_peer_that_is_not_installed_is_named(cli_here, monkeypatch):
    case = Case("nms", "some work", lambda: {"ours": int, "them": int}, ("them", "others"))
    monkeypatch.setattr(bench, "CASES", [case])
    done = cli_here("bench", "--rounds", "1")
    assert "left out, as not installed: others\n" in done.stdout
    as_json = json.loads(cli_here("bench", "--rounds", "1", "--json").stdout)
    assert as_json["left_out"] == ["others"]


@pytest.mark.parametrize(
    ("op", "hint"), [("im2cl", "Did you mean 'im2col'?"), ("philox", "Known: im2col, soft_nms.")]
)
def test_an_unknown_op(cli_here, op, hint):
    done = cli_here("bench", op)
    assert done.returncode == 2
    assert done.stderr == f"nntasks: bench: no benchmark for op {op!r}. {hint}\n"
