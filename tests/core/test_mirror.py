"""Tests mirror the source: the test of core/storage/locks.py is tests/core/storage/test_locks.py.

Pytest needs unique names, so a stem that is taken has a folder before it: core/api/listing.py has
tests/core/api/test_api_listing.py. A package's own test lies in the package's folder.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath

import pytest
from command_line import ROOT


def defines_something(path: Path) -> bool:
    """Say whether a module has code of its own: hooks, which discovery tests, are none."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            if "hookimpl" not in decorators and not node.name.startswith("__"):
                return True
    return False


def modules() -> list[PurePosixPath]:
    """Return the modules with code, by their paths from the root."""
    found = [*(ROOT / "core").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    own = [path for path in found if (ROOT / "core" / "plugins") not in path.parents]
    return [
        PurePosixPath(path.relative_to(ROOT).as_posix())
        for path in sorted(own)
        if path.name != "__main__.py" and defines_something(path)
    ]


def own_tests(module: PurePosixPath) -> list[PurePosixPath]:
    """Return the paths that a module's own test may have."""
    stem = module.parent.name if module.stem == "__init__" else module.stem.lstrip("_")
    folder = PurePosixPath("tests") / module.parent
    names = [stem, *(f"{parent.name}_{stem}" for parent in module.parents if parent.name)]
    return [folder / f"test_{name}.py" for name in names]


def has_own_test(module: PurePosixPath) -> bool:
    return any((ROOT / path).is_file() for path in own_tests(module))


def test_every_module_has_a_test_of_its_stem():
    without = [module for module in modules() if not has_own_test(module)]
    assert without == [], f"write {', '.join(map(str, own_tests(without[0])[:2]))}"


@pytest.mark.parametrize("room", ["core", "plugins"])
def test_every_folder_of_tests_is_one_of_the_source(room):
    tests = ROOT / "tests" / room
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert sorted(str(name) for name in folders if not (ROOT / room / name).is_dir()) == []


def test_every_kernel_has_a_test_of_its_stem():
    files = [p.stem for kind in ("cpu", "cuda") for p in (ROOT / "csrc" / kind).glob("*.c*")]
    stems = {re.sub("_(baseline|avx2|avx512)$", "", name) for name in files}
    assert "nms" in stems
    tests = ROOT / "tests" / "core" / "ops"
    assert sorted(stem for stem in stems if not (tests / f"test_{stem}.py").is_file()) == []


def test_the_names_that_are_taken():
    assert own_tests(PurePosixPath("core/api/listing.py"))[:2] == [
        PurePosixPath("tests/core/api/test_listing.py"),
        PurePosixPath("tests/core/api/test_api_listing.py"),
    ]
    (first, *_) = own_tests(PurePosixPath("core/run_folder/__init__.py"))
    assert first == PurePosixPath("tests/core/run_folder/test_run_folder.py")
