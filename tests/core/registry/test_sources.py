"""Entry points are read one by one: what is malformed is named, and hides nothing else."""

from __future__ import annotations

import importlib

import pytest

from nntasks.registry import discover
from nntasks.registry.sources import installed

GOOD = """
from nntasks import Entry, hookimpl

@hookimpl
def register_tasks():
    return [Entry("good_task", "json:dumps", "a task")]
"""
METADATA = b"Metadata-Version: 2.1\nName: odd-one\nVersion: 1.0\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return a function that installs a distribution with the given files."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "good_module.py").write_text(GOOD)

    def install(points, metadata=METADATA, name="odd_one-1.0"):
        folder = tmp_path / f"{name}.dist-info"
        folder.mkdir()
        content = points if isinstance(points, bytes) else points.encode()
        (folder / "entry_points.txt").write_bytes(content)
        if metadata is not None:
            (folder / "METADATA").write_bytes(metadata)
        importlib.invalidate_caches()
        return {p.name: p for p in discover().plugins if p.origin != "built in"}

    return install


@pytest.mark.parametrize(
    ("line", "name", "reason"),
    [
        ("odd = my-package", "odd", "a module's name has no hyphen, so perhaps 'my_package'"),
        ("odd = my package", "odd", "malformed entry point 'odd = my package'"),
        ("odd =", "odd", "expected name = module or name = module:object"),
        ("= good_module", "= good_module", "malformed entry point '= good_module'"),
        ("good_module", "good_module", "malformed entry point 'good_module'"),
        ("odd = good_module:", "odd", "malformed entry point"),
        ("odd = .good_module", "odd", "malformed entry point"),
        ("odd = good_module.py:x-y", "odd", "malformed entry point"),
    ],
)
def test_a_malformed_entry_point_is_named_and_its_neighbours_work(site, line, name, reason):
    plugins = site(f"[console_scripts]\nx = a-b:c\n[nntasks]\n{line}\ngood = good_module\n")
    assert reason in plugins[name].reason
    assert plugins[name].origin == "odd-one 1.0"
    assert plugins["good"].reason == ""


def test_a_file_that_is_not_utf8_spoils_its_own_line_alone(site):
    plugins = site(b"[nntasks]\nodd = caf\xe9:x\ngood = good_module\n[other]\nx = \xff\n")
    assert "malformed entry point" in plugins["odd"].reason
    assert plugins["good"].reason == ""


@pytest.mark.parametrize(
    "metadata", [None, b"", b"Name: odd-one\n", b"Version: 1.0\n", b"Name: caf\xe9\nVersion: 1\n"]
)
def test_metadata_that_cannot_be_read(site, tmp_path, metadata):
    plugins = site("[nntasks]\ngood = good_module\n", metadata)
    assert "the METADATA of its package cannot be read" in plugins["good"].reason
    assert str(tmp_path) in plugins["good"].origin
    assert len(discover().entries("tasks")) >= 6


def test_other_groups_are_none_of_our_business(site):
    assert "x" not in site("[console_scripts]\nx = my-package\n", None)


def test_comments_and_extras_are_understood(site):
    plugins = site("# a\n[nntasks]\n; b\ngood = good_module [fast]\n")
    assert plugins["good"].reason == ""


def test_a_package_that_is_on_the_path_twice_is_one(site, tmp_path, monkeypatch):
    site("[nntasks]\ngood = good_module\n")
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.syspath_prepend(str(other))
    second = other / "Odd.One-2.0.dist-info"
    second.mkdir()
    (second / "METADATA").write_text("Name: Odd.One\nVersion: 2.0\n")
    (second / "entry_points.txt").write_text("[nntasks]\ngood = good_module\n")
    found = [source for source in installed() if source.name == "good"]
    assert [source.origin for source in found] == ["Odd.One 2.0"]
