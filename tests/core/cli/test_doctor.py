"""`nntasks doctor`: what it finds, and the exit codes of what is wrong."""

from __future__ import annotations

import importlib.metadata
import json
from types import SimpleNamespace

import pytest

from nntasks.kernel_checks import agreement


@pytest.fixture
def checks(monkeypatch):
    """Return the findings about kernels, which a test may change."""
    found = [SimpleNamespace(op="nms", equal=True, difference=0.0)]
    monkeypatch.setattr(agreement, "check_agreement", lambda: found)
    return found


def test_a_whole_installation(cli_here, checks):
    done = cli_here("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nms               equals its reference (largest difference 0)" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["toy", "nntasks-toy", "1.0,", "ready"] in lines
    titles = {" ".join(words) for words in lines if len(words) == 1}
    assert {"versions", "packages", "devices", "plugins"} <= titles
    assert ["numpy", importlib.metadata.version("numpy")] in lines
    states = {words[0]: " ".join(words[1:]) for words in lines if words}
    assert states["clouds"] == "no download"
    assert "no_such_package" in states["costly"]  # told, and no reason to fail


def test_a_kernel_that_differs(cli_here, checks):
    checks.append(SimpleNamespace(op="im2col", equal=False, difference=0.25))
    done = cli_here("doctor")
    assert done.returncode == 4
    assert "im2col            DIFFERS from its reference (largest difference 0.2)" in done.stdout


def test_without_kernels_it_says_what_that_costs(cli_here, checks):
    checks.clear()
    done = cli_here("doctor")
    assert done.returncode == 0
    assert "all ops use their Python references: same results, but slower" in done.stdout


def test_a_quarantined_plugin(cli_here, checks, monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))
    done = cli_here("doctor")
    assert done.returncode == 5
    assert "nntasks-broken 1.0, QUARANTINED: ModuleNotFoundError" in done.stdout


def test_json(cli_here, checks):
    found = json.loads(cli_here("doctor", "--json").stdout)
    assert found["kernel_checks"] == [{"op": "nms", "equal": True, "difference": 0.0}]
    assert found["plugins"]["toy"]["quarantined"] is None
    assert found["data"]["clouds"] == "no download"
    assert found["data_roots"]
