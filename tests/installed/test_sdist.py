"""What the source archive holds: all that is needed to build and test the package."""

from __future__ import annotations

import os
import posixpath
import re
import tarfile
from pathlib import Path

import pytest

DIST = Path(os.environ["NNTASKS_DIST"])
NEEDED = (
    *("Makefile", "constraints.txt", "pyproject.toml", "setup.py", "README.md", "CHANGELOG.md"),
    *("CONTRIBUTING.md", "CITATION.cff", "LICENSE", ".ci/run", ".clang-format", "data/README.md"),
    *("core/py.typed", "core/report/report.css", "plugins/unet_segment/residual.png"),
    *("build_support/commands.py", "csrc/cpu/nms.cpp", "csrc/cuda/nms.cu", "docs/ops.md"),
    *("tests/conftest.py", "tests/toy_plugin/nntasks_toy-1.0.dist-info/METADATA"),
    *("benchmarks/bench_nms.py", "docs/decisions/0001-stable-abi-kernels.md"),
)


@pytest.fixture(scope="module")
def archive():
    """Return the members of the archive, by their names in the project."""
    (path,) = DIST.glob("*.tar.gz")
    with tarfile.open(path) as file:
        return {member.name.partition("/")[2]: member for member in file}


def test_what_builds_and_tests_is_there(archive):
    assert [name for name in NEEDED if name not in archive] == []


def test_the_links_of_a_clone_are_links(archive):
    links = {name: member.linkname for name, member in archive.items() if member.issym()}
    assert links == {"nntasks": "core", "core/plugins": "../plugins"}


def test_nothing_compiled_and_nothing_downloaded(archive):
    assert [n for n in archive if n.endswith((".so", ".pyc")) or n.startswith("data/cache")] == []


def test_its_pages_have_no_dead_links(archive):
    (path,) = DIST.glob("*.tar.gz")
    dead = []
    with tarfile.open(path) as file:
        for name, member in archive.items():
            if not name.endswith(".md"):
                continue
            text = file.extractfile(member).read().decode()
            for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text):
                place = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
                if place not in archive:
                    dead.append((name, target))
    assert dead == []
