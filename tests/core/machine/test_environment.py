"""The environment of a run: plain values, the revision of a clone, and what torch adds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from nntasks.machine import environment
from nntasks.registry import discover


def test_it_is_plain_values(toy):
    found = environment.describe(discover())
    assert json.loads(json.dumps(found)) == found
    assert found["plugins"]["toy"] == {"origin": "nntasks-toy 1.0", "quarantined": None}
    assert found["packages"]["torch"] == torch.__version__.partition("+")[0] or torch.__version__
    assert "no_such_package" not in found["packages"]


def test_torch_is_described_only_where_it_is_loaded(monkeypatch):
    found = environment.devices()
    assert found["threads"] == torch.get_num_threads()
    assert found["capability"] == torch.backends.cpu.get_cpu_capability()
    assert environment.kernels() in ("native", "python")
    monkeypatch.delitem(sys.modules, "torch")
    assert set(environment.devices()) == {"cpu", "cores"}
    assert environment.kernels() == "not used"


def test_settings_that_change_numbers_are_kept_and_no_others(monkeypatch):
    for name in environment.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    monkeypatch.setenv("SECRET", "a")
    assert environment.describe(discover())["settings"] == {"MKL_CBWR": "AVX2"}


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Let the package lie in a clone of its own; return a function that runs git there."""
    place = tmp_path / "core" / "machine"
    place.mkdir(parents=True)
    (place / "environment.py").write_text("")
    monkeypatch.setattr(environment, "__file__", str(place / "environment.py"))

    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *who, *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return git


def test_the_revision_of_a_clone_says_whether_it_was_edited(clone, tmp_path):
    clone("init", "-q")
    clone("add", ".")
    clone("commit", "-q", "-m", "first")
    revision = clone("rev-parse", "--short=12", "HEAD")
    assert environment._git_revision() == revision
    (tmp_path / "core" / "machine" / "environment.py").write_text("# edited\n")
    assert environment._git_revision() == f"{revision}+changes"


def test_without_a_clone_there_is_no_revision(clone):
    assert environment._git_revision() is None


def test_a_clone_that_git_cannot_read_has_none(clone, tmp_path):
    (tmp_path / ".git").write_text("no repository")
    assert environment._git_revision() is None


def test_the_processor_has_a_name():
    assert environment._processor().strip() == environment._processor() != ""
