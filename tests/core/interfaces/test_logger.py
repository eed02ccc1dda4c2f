"""Loggers: rows are all that one must take; the rest does nothing by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.interfaces.logger import LoggedRun, Logger

RUN = LoggedRun("toy", Path("runs/toy/a"), {"lr": 0.1})


class Rows(Logger):
    def scalars(self, step, epoch, values):
        self.last = (step, epoch, values)


def test_a_new_run_starts_at_step_0():
    assert RUN.next_step == 0


@pytest.mark.parametrize(
    ("method", "given"),
    [("flush", ()), ("pictures", (1, {})), ("finish", ({}, [])), ("close", ("failed",))],
)
def test_what_a_logger_may_leave_out(method, given):
    logger = Rows(RUN)
    assert logger.run is RUN
    assert getattr(logger, method)(*given) is None
    assert vars(logger) == {"run": RUN}


def test_a_logger_without_rows_is_none():
    with pytest.raises(TypeError, match="scalars"):
        type("Bare", (Logger,), {})(RUN)
