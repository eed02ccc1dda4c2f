"""What core and plugins import is what pyproject.toml declares: no package comes by luck."""

from __future__ import annotations

import ast
import functools
import re
import sys
from pathlib import Path

import pytest
from command_line import ROOT

from nntasks.registry import KINDS, discover

if sys.version_info < (3, 11):
    pytest.skip("needs tomllib of Python 3.11", allow_module_level=True)
import tomllib

# The distributions whose modules have other names.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "umap": "umap-learn",
    "mlflow": "mlflow-skinny",
}
# No module of ours imports these: torch, a user or another package loads them.
LOADED_BY_OTHERS = {
    "onnx": "torch exports with it",
    "onnxscript": "torch exports with it",
    "sqlalchemy": "mlflow's database",
    "alembic": "mlflow's database",
    "tensorboard": "torch's SummaryWriter",
    "ipykernel": "runs the notebooks",
    "ipywidgets": "shows bars in notebooks",
}


@functools.cache
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def named(requirements):
    """Return the names of distributions, as PyPI normalises them."""
    names = [re.match(r"[\w.-]+", text)[0] for text in requirements]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def extras():
    return {name: named(given) for name, given in project()["optional-dependencies"].items()}


def distribution(module):
    root = module.partition(".")[0]
    return re.sub(r"[-_.]+", "-", DISTRIBUTIONS.get(root, root)).lower()


def named_modules(node):
    """Return the modules that a node imports, or that it names to a function that does."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.level == 0 else []
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return []
    function = ast.unparse(node.func).rpartition(".")[2]
    return [node.args[0].value] if function in ("import_module", "find_spec", "needed") else []


def for_types_alone(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def statements(tree):
    """Return all nodes but those that a type checker alone reads."""
    waiting, found = [tree], []
    while waiting:
        node = waiting.pop()
        if not for_types_alone(node):
            found.append(node)
            waiting += ast.iter_child_nodes(node)
    return found


def imported(nodes):
    """Return the distributions that some nodes import, without ours and the standard library."""
    modules = {module for node in nodes for module in named_modules(node)}
    ours = {"nntasks", "core", "plugins", *sys.stdlib_module_names}
    return {distribution(name) for name in modules if name.partition(".")[0] not in ours}


@functools.cache
def trees() -> dict[Path, ast.Module]:
    found = [*(ROOT / "core").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    own = [path for path in found if (ROOT / "core" / "plugins") not in path.parents]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in own}


def test_every_import_is_declared():
    every = named(project()["dependencies"]).union(*extras().values())
    missing = {
        str(path.relative_to(ROOT)): found
        for path, tree in trees().items()
        if (found := imported(statements(tree)) - every)
    }
    assert missing == {}


def test_what_every_install_loads_is_no_extra():
    """A package of an extra is imported where it is used, or by a module that only it uses."""
    base = named(project()["dependencies"])
    at_the_top = {
        str(path.relative_to(ROOT)): found
        for path, tree in trees().items()
        if (found := imported(tree.body) - base)
    }
    assert at_the_top == {}


def test_every_declared_package_is_used():
    used = set().union(*(imported(statements(tree)) for tree in trees().values()))
    declared = named(project()["dependencies"]).union(*extras().values())
    assert sorted(declared - used - LOADED_BY_OTHERS.keys()) == []


def test_what_an_entry_requires_is_an_extra():
    registry = discover()
    optional = set().union(*extras().values())
    needed = {
        distribution(name)
        for kind in KINDS
        for entry in registry.entries(kind)
        for name in entry.requires
    }
    assert needed
    assert needed - optional - named(project()["dependencies"]) == set()
