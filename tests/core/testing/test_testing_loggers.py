"""The check of a logger: it hands over all that a run does, in that order, to the last call."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PIL import Image

from nntasks import Logger
from nntasks.testing import check_logger


class Recording(Logger):
    """Keeps its calls, and looks at the files that it gets."""

    def __init__(self, run, calls):
        super().__init__(run)
        self.calls = calls
        self.calls.append(("open", run.next_step, Path(run.folder).is_dir()))

    def scalars(self, step, epoch, values):
        self.calls.append(("scalars", step, values))

    def flush(self):
        self.calls.append(("flush",))

    def pictures(self, step, files):
        (file,) = files.values()
        self.calls.append(("pictures", Image.open(file).size))

    def finish(self, summary, files):
        self.calls.append(("finish", summary["metrics"]["undefined"], files[0].read_text()))

    def close(self, end):
        self.calls.append(("close", end))


def test_a_run_is_stopped_resumed_finished_and_failed():
    calls = []
    check_logger(lambda run: Recording(run, calls))
    assert [call[1:] for call in calls if call[0] == "open"] == [(0, True), (2, True), (4, True)]
    assert [call[1] for call in calls if call[0] == "close"] == [
        "interrupted",
        "finished",
        "failed",
    ]
    kinds = [call[0] for call in calls]
    assert kinds.count("finish") == kinds.count("pictures") == 1
    assert kinds.index("finish") < kinds.index("close", kinds.index("finish"))
    assert ("pictures", (4, 3)) in calls
    assert ("finish", None, "{}\n") in calls


def test_numbers_may_be_undefined_or_infinite():
    calls = []
    check_logger(lambda run: Recording(run, calls))
    losses = [
        call[2]["train/loss"] for call in calls if call[0] == "scalars" and "train/loss" in call[2]
    ]
    assert any(math.isnan(loss) for loss in losses)
    assert any(math.isinf(loss) for loss in losses)


@pytest.mark.parametrize("method", ["scalars", "flush", "pictures", "finish", "close"])
def test_whatever_fails_in_a_logger_fails_the_check(method):
    class Failing(Recording):
        pass

    def fail(self, *given):
        raise OSError("no server")

    setattr(Failing, method, fail)
    with pytest.raises(OSError, match="no server"):
        check_logger(lambda run: Failing(run, []))
