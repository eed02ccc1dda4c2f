"""Loggers get what a run writes; one that fails costs a line, and never the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nntasks import Logger, contracts, runner
from nntasks.errors import Interrupted, MissingError, RunFailed, UsageError
from nntasks.hookspecs import Entry
from nntasks.interfaces.logger import LoggedRun
from nntasks.machine.distributed import Workers
from nntasks.registry import Plugin, Registry
from nntasks.runner.handle import Run
from nntasks.runner.logs import Logs
from nntasks.runner.session import Session

PLACE = ("split", "step", "epoch")
KEYS = {"data": "xor", "data.points": 64, "hidden_sizes": "4", "epochs": 3, "log": "recording"}


class Recording(Logger):
    """Keeps its calls."""

    calls: list = []

    def __init__(self, run):
        super().__init__(run)
        self.calls.append(("open", run.task, run.next_step, run.config["epochs"]))

    def scalars(self, step, epoch, values):
        self.calls.append(("scalars", step, epoch, dict(values)))

    def flush(self):
        self.calls.append(("flush",))

    def pictures(self, step, files):
        self.calls.append(("pictures", step, sorted(files)))

    def finish(self, summary, files):
        self.calls.append(("finish", summary, [path.name for path in files]))

    def close(self, end):
        self.calls.append(("close", end))


class Failing(Recording):
    """Fails at the second row."""

    def scalars(self, step, epoch, values):
        if step > 1:
            raise OSError("no space left\non the server")


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    """Return the calls that the loggers of a run get; draw no page, but one figure."""
    classes = {"recording": Recording, "failing": Failing}
    monkeypatch.setattr(contracts, "logger_class", lambda registry, name: classes[name])
    monkeypatch.setattr(
        "nntasks.report.run_report.write_report",
        lambda folder, *_: folder.write_bytes("figures/curves.png", b""),
    )
    Recording.calls = []
    return Recording.calls


def of(calls, kind):
    return [call[1:] for call in calls if call[0] == kind]


def test_a_logger_gets_every_row_the_pictures_and_the_summary(tmp_path, recorded):
    done = runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True)
    assert recorded[0] == ("open", "numpy_mlp", 0, 3)
    rows = [json.loads(line) for line in (done.folder / "metrics.jsonl").read_text().splitlines()]
    named = [
        (
            row["step"],
            row["epoch"],
            {
                f"{row['split']}/{k}": v
                for k, v in row.items()
                if k not in ("split", "step", "epoch")
            },
        )
        for row in rows
    ]
    assert of(recorded, "scalars") == named
    assert ("flush",) in recorded
    assert of(recorded, "pictures") == [(3, ["curves"])]
    ((summary, files),) = of(recorded, "finish")
    assert summary == done.summary
    assert files == ["summary.json", "config.yaml", "items.csv"]  # there is no page here
    assert recorded[-1] == ("close", "finished")


def test_a_failing_logger_is_left_out_and_the_others_go_on(tmp_path, recorded, capsys):
    keys = {**KEYS, "log": "failing,recording"}
    done = runner.start("numpy_mlp", [keys], out=tmp_path, quiet=True)
    told = capsys.readouterr().err.splitlines()
    expected = "warning: log=failing is left out from here on: OSError: no space left on the server"
    assert told == [expected]
    assert expected in (done.folder / "log.txt").read_text()
    assert (
        len(of(recorded, "scalars"))
        == len((done.folder / "metrics.jsonl").read_text().split("\n")) - 1
    )
    assert of(recorded, "close") == [("finished",)]


def test_a_resumed_run_says_which_steps_it_repeats(tmp_path, recorded, monkeypatch):
    save_if_due, calls = Run.save_if_due, []

    def stop_before_the_second(self, seconds, save):
        calls.append(1)
        if len(calls) == 2:
            raise Interrupted("stopped by the test")
        save_if_due(self, 0, save)

    monkeypatch.setattr(Run, "save_if_due", stop_before_the_second)
    with pytest.raises(Interrupted):
        runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True)
    assert recorded[-1] == ("close", "interrupted")
    assert max(step for step, *_ in of(recorded, "scalars")) == 2
    del recorded[:]
    runner.resume(tmp_path / "numpy_mlp" / "latest", quiet=True)
    assert recorded[0] == ("open", "numpy_mlp", 2, 3)  # of the checkpoint of step 1
    assert next(step for step, *_ in of(recorded, "scalars")) == 2
    assert recorded[-1] == ("close", "finished")


def test_a_run_without_a_checkpoint_begins_its_log_anew(tmp_path, recorded, monkeypatch):
    def stop(self, seconds, save):
        raise Interrupted("stopped by the test")

    monkeypatch.setattr(Run, "save_if_due", stop)
    with pytest.raises(Interrupted):
        runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True)
    monkeypatch.undo()
    monkeypatch.setattr(contracts, "logger_class", lambda registry, name: Recording)
    del recorded[:]
    runner.resume(tmp_path / "numpy_mlp" / "latest", quiet=True)
    assert recorded[0] == ("open", "numpy_mlp", 0, 3)


def test_a_failed_run_closes_its_log_as_failed(tmp_path, recorded, monkeypatch):
    def fail(self, model):
        raise RunFailed("it failed")

    monkeypatch.setattr(Session, "evaluate", fail)
    with pytest.raises(RunFailed):
        runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True)
    assert recorded[-1] == ("close", "failed")
    assert not of(recorded, "finish")


def test_the_main_process_alone_logs(recorded):
    class Asked:
        is_main = False

        def __getattr__(self, name):
            raise AssertionError(f"{name} is used")

    session = object.__new__(Session)
    session.workers = Workers(1, 2)
    session._complete = lambda model, trained, known: "done"
    assert session.complete(None, False) == "done"
    assert recorded == []


def test_a_logger_that_cannot_be_opened_is_left_out(recorded):
    def refuse(run):
        raise ImportError("libfoo.so is missing")

    told = []
    with Logs({"a": refuse, "b": Recording}, LoggedRun("t", Path("r"), {"epochs": 1}), told.append):
        pass
    assert told == ["warning: log=a is left out from here on: ImportError: libfoo.so is missing"]
    assert recorded == [("open", "t", 0, 1), ("close", "finished")]


def test_names_and_packages_are_checked_before_any_work(tmp_path, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(UsageError, match=r"unknown logger 'tensorbord'. Did you mean 'tensorb"):
        runner.start("numpy_mlp", [{**KEYS, "log": "tensorbord"}], out=tmp_path / "new")
    registry = Registry()
    entry = Entry("costly", "json:dumps", "s", requires=("no_such_package",))
    registry.add(Plugin("p", "p 1", entries=(("loggers", entry),)))
    with pytest.raises(MissingError, match=r"pip install no_such_package$") as error:
        contracts.logger_class(registry, "costly")
    assert error.value.exit_code == 3
    assert not (tmp_path / "new").exists()
