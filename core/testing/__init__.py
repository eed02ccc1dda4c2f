"""Conformance checks for plugin authors: call them from your own tests.

    from nntasks.testing import check_all

    def test_my_plugin_keeps_its_contract():
        check_all("my_plugin")

Each raises AssertionError with one sentence: what the contract requires and what was found.
`nntasks plugin check` runs all of them on any installed plugin.
"""

from __future__ import annotations

from nntasks.testing.data import check_options, check_split
from nntasks.testing.launchers import check_launcher
from nntasks.testing.loggers import check_logger
from nntasks.testing.metrics import check_metric
from nntasks.testing.models import check_built_twice, check_model
from nntasks.testing.plugins import Finding, check_all, check_plugin, examine
from nntasks.testing.runs import check_processes, check_resume
from nntasks.testing.tasks import check_task

__all__ = [
    "Finding",
    "check_all",
    "check_built_twice",
    "check_launcher",
    "check_logger",
    "check_metric",
    "check_model",
    "check_options",
    "check_plugin",
    "check_processes",
    "check_resume",
    "check_split",
    "check_task",
    "examine",
]
