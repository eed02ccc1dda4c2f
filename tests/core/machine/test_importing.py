"""Modules are there after the block; forks wait for them, and errors are left to others."""

from __future__ import annotations

import os
import sys
import time

import pytest

from nntasks.machine import importing

SLOW = "import time\ntime.sleep(0.3)\ndone = True\n"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return the name of a module that can be imported and has not been."""
    (tmp_path / "slow_to_import.py").write_text(SLOW)
    (tmp_path / "refuses_import.py").write_text("raise ValueError('no')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(importing, "usable_cores", lambda: 2)
    yield "slow_to_import"
    sys.modules.pop("slow_to_import", None)


def test_a_module_is_imported_when_the_block_ends(module):
    with importing.importing_meanwhile([module]):
        pass
    assert sys.modules[module].done


def test_a_single_core_imports_nothing(module, monkeypatch):
    monkeypatch.setattr(importing, "usable_cores", lambda: 1)
    with importing.importing_meanwhile([module]):
        pass
    assert module not in sys.modules


def test_a_module_that_fails_stays_unimported_and_the_next_is_imported(module):
    with importing.importing_meanwhile(["refuses_import", "is_not_there", module]):
        pass
    assert "refuses_import" not in sys.modules
    assert module in sys.modules


def test_an_error_of_the_block_comes_out_after_the_imports(module):
    with pytest.raises(KeyError), importing.importing_meanwhile([module]):
        raise KeyError
    assert module in sys.modules


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_copy_of_the_process_has_whole_modules(module):
    with importing.importing_meanwhile([module]):
        while module not in sys.modules:
            time.sleep(0.001)
        process = os.fork()
        if process == 0:
            os._exit(0 if hasattr(sys.modules[module], "done") else 1)
    assert os.waitpid(process, 0)[1] == 0
