"""The rules of the house, kept by a machine."""

from __future__ import annotations

import ast
import functools
import graphlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT

from nntasks import hookspecs
from nntasks.cli import VERBS

CORE = sorted(
    p for p in (ROOT / "core").rglob("*.py") if "plugins" not in p.relative_to(ROOT).parts
)
SOURCES = [*CORE, *sorted((ROOT / "plugins").rglob("*.py"))]
PLUGINS = sorted((ROOT / "plugins").glob("*/__init__.py"))


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, top_level_only=False) -> set[str]:
    tree = parsed(path)
    nodes = tree.body if top_level_only else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def roots(names):
    return {name.partition(".")[0] for name in names}


def test_core_knows_no_plugin():
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in CORE
        for name in imports(path)
        if name.startswith("nntasks.plugins")
    }
    assert found == {"core/registry/sources.py: nntasks.plugins"}  # it scans the folder


def test_sources_call_the_package_by_its_name():
    assert len(SOURCES) > 300
    in_a_clone_alone = {"core", "plugins"}
    assert {str(path) for path in SOURCES if roots(imports(path)) & in_a_clone_alone} == set()


@pytest.mark.parametrize("path", sorted((ROOT / "core" / "ops").glob("*.py")), ids=lambda p: p.stem)
def test_ops_import_nothing_else_of_ours(path):
    ours = {name for name in imports(path) if name.startswith("nntasks")}
    assert all(name.startswith("nntasks.ops") for name in ours)


@pytest.mark.parametrize("path", PLUGINS, ids=lambda p: p.parent.name)
def test_plugin_announcements_are_light(path):
    assert roots(imports(path)) <= {"__future__", "collections", "nntasks"}


def test_interfaces_import_neither_torch_nor_numpy():
    found = {name for path in (ROOT / "core" / "interfaces").glob("*.py") for name in imports(path)}
    assert found
    assert not roots(found) & {"torch", "numpy"}


def test_ops_load_torch_and_nothing_else_of_ours():
    code = (
        "import sys, nntasks.ops\n"
        "print([m for m in sys.modules if m.split('.')[0] == 'nntasks'\n"
        "       and m != 'nntasks' and not m.startswith('nntasks.ops')])\n"
        "print('torchvision' in sys.modules, 'click' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split("\n")[:2] == ["[]", "False False"]


def test_every_hook_is_documented():
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    hooks = [name for name, _ in inspect.getmembers(hookspecs) if name.startswith("register_")]
    assert len(hooks) == 8
    assert [hook for hook in hooks if f"`{hook}`" not in page] == []


def test_every_verb_is_in_the_readme():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"`{verb}" not in page and f"core {verb}" not in page] == []


def test_no_two_files_of_tests_have_one_name():
    """Pytest imports them by their names alone."""
    names = sorted(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert names == sorted(set(names))


def test_no_file_is_called_utils():
    tracked = [*ROOT.glob("core/**/*"), *ROOT.glob("plugins/**/*"), *ROOT.glob("tests/**/*")]
    assert not [path for path in tracked if path.stem in ("utils", "helpers", "misc", "common")]


def room(module: str) -> str:
    """Return the room of core that a module lies in: a folder, or a file of its own."""
    return module.split(".")[1] if "." in module else module


def rooms() -> dict[str, set[str]]:
    """Return which rooms each room of core imports from, types among them."""
    graph: dict[str, set[str]] = {}
    for path in CORE:
        parts = path.relative_to(ROOT / "core").with_suffix("").parts
        if parts[0] in ("__init__", "__main__"):  # the public face, and the program
            continue
        known = {name for name in imports(path) if name.startswith("nntasks.")}
        graph.setdefault(parts[0], set()).update({room(name) for name in known} - {parts[0]})
    return {name: found & set(graph) for name, found in graph.items()} | {"plugins": set()}


def test_imports_between_rooms_go_one_way():
    order = tuple(
        graphlib.TopologicalSorter(rooms()).static_order()
    )  # raises where there is a ring
    assert order.index("errors") < order.index("interfaces") < order.index("runner")
    assert order.index("runner") < order.index("cli")


OURS = ("core", "plugins", "csrc", "build_support", "benchmarks", "tests")
OUR_FILES = sorted(
    path
    for folder in OURS
    for suffix in ("py", "cpp", "cu", "h")
    for path in (ROOT / folder).rglob(f"*.{suffix}")
    if (ROOT / "core" / "plugins") not in path.parents
)
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 300, 50, 7


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)]


def is_called_by_a_framework(path: Path, function: ast.FunctionDef) -> bool:
    """Return whether a function is a pytest test or a click command."""
    is_test = path.stem.startswith("test_") and function.name.startswith("test_")
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    return is_test or any(".command(" in text or ".group(" in text for text in decorators)


def parameters(function: ast.FunctionDef) -> int:
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def test_files_are_short():
    assert len(OUR_FILES) > 400
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in OUR_FILES}
    assert {str(p): n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_functions_are_short_and_take_few_parameters():
    too_long, too_many = [], []
    for path in OUR_FILES:
        for function in functions(path) if path.suffix == ".py" else ():
            where = f"{path.relative_to(ROOT)}: {function.name}"
            if function.end_lineno - function.lineno >= LONGEST_FUNCTION:
                too_long.append(where)
            exempt = is_called_by_a_framework(path, function)
            if parameters(function) > MOST_PARAMETERS and not exempt:
                too_many.append(where)
    assert (too_long, too_many) == ([], [])
