"""Waiting threads: asleep unless the user has chosen."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nntasks.machine.waiting import SETTINGS, wait_asleep


def test_nothing_chosen_means_asleep():
    environment = {"HOME": "/"}
    wait_asleep(environment)
    assert environment == {"HOME": "/", **SETTINGS}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_users_choice_stays_as_it_is(name):
    environment = {name: "his own"}
    wait_asleep(environment)
    assert environment == {name: "his own"}


def test_the_command_line_chooses_before_torch_is_loaded():
    code = (
        "import os, sys\n"
        "import nntasks.cli\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
        "try:\n    nntasks.cli.main(['list', 'tasks'])\n"
        "except SystemExit:\n    print(os.environ['OMP_WAIT_POLICY'])\n"
    )
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=clean, check=True
    )
    assert found.stdout.splitlines()[-1] == "PASSIVE"
