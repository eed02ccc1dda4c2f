"""In a clone, `core` and `plugins` are other names of the package's own modules."""

from __future__ import annotations

import importlib
import pickle
import sys

import pytest

import nntasks
from nntasks import clone, errors

FOLDERS = ("core", "plugins")


@pytest.fixture(autouse=True)
def aliased():
    """Let both folders be aliases while a test runs."""
    finders, modules = list(sys.meta_path), dict(sys.modules)
    for folder in FOLDERS:
        clone.alias(folder)
    yield
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.partition(".")[0] in FOLDERS]:
        if name in modules:
            sys.modules[name] = modules[name]
        else:
            del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("core", "nntasks"),
        ("core.errors", "nntasks.errors"),
        ("core.storage.csv_text", "nntasks.storage.csv_text"),
        ("plugins.numpy_mlp", "nntasks.plugins.numpy_mlp"),
        ("core.plugins.numpy_mlp", "nntasks.plugins.numpy_mlp"),
    ],
)
def test_one_module_under_two_names(name, own):
    found = importlib.import_module(name)
    assert found is importlib.import_module(own)
    assert found.__name__ == own
    assert found.__spec__.name == own  # else a reload would make it twice


def test_a_class_is_the_same_under_both_names():
    from core.errors import UsageError

    assert UsageError is errors.UsageError
    assert type(pickle.loads(pickle.dumps(UsageError("a")))) is errors.UsageError


@pytest.mark.parametrize("name", ["core.nothing", "plugins.no_such_plugin"])
def test_what_is_not_there_is_not_found(name):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)


def test_the_program_itself_and_other_packages_are_left_alone():
    for name in ("core.__main__", "core", "json.decoder", "nntasks.errors"):
        assert clone._finder.find_spec(name, None) is None


def test_twice_is_once():
    clone.alias("core")
    assert sys.meta_path.count(clone._finder) == 1
    assert sys.modules["core"] is nntasks
