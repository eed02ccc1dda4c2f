"""The process of a planned run: it claims the run, executes it once, and says how it ended."""

from __future__ import annotations

import os
import signal

import pytest
from written_runs import write_run

from nntasks.cli import worker
from nntasks.experiments.planned_run import STOPPED, PlannedRun
from nntasks.storage import claims


@pytest.fixture
def run(tmp_path):
    planned = PlannedRun("a", "toy", {"seed": "0"}, tmp_path / "a")
    planned.write()
    return planned


@pytest.fixture
def executed(monkeypatch):
    """Return the words that were executed; `executed.end` is how that ends."""

    class Executed(list):
        end = None

        def __call__(self, words):
            self.append(words)
            if self.end is not None:
                raise self.end

    calls = Executed()
    monkeypatch.setattr(worker, "command_line", calls)
    monkeypatch.setattr(worker, "_print_to", lambda file: None)
    return calls


@pytest.mark.parametrize(
    ("end", "code"),
    [(None, 0), (SystemExit(0), 0), (SystemExit(3), 3), (SystemExit("text"), 1)],
)
def test_it_is_executed_and_its_claim_says_how_it_ended(run, executed, end, code):
    executed.end = end
    assert worker.execute(run.folder, "me") == code
    assert executed == [run.words()]
    assert claims.status(run.folder).code == code


def test_a_run_that_is_stopped_can_go_on(run, executed):
    executed.end = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        worker.execute(run.folder, "me")
    assert claims.status(run.folder).code == STOPPED
    assert claims.status(run.folder).is_free


def test_a_finished_run_is_left_alone(run, executed):
    write_run(run.folder, "20261123-120000-abcdef", metrics={"accuracy": 1.0})
    assert worker.execute(run.folder, "me") == 0
    assert executed == []


def test_a_run_in_other_hands_is_left_to_them(run, executed):
    other = claims.take(run.folder, "another", lambda: None)
    try:
        assert worker.execute(run.folder, "me") == worker.IN_OTHER_HANDS
    finally:
        other.release(0)
    assert executed == []


def test_what_another_process_finished_meanwhile_is_not_repeated(run, executed, monkeypatch):
    honest = claims.take

    def take(folder, *given):
        claim = honest(folder, *given)
        write_run(folder, "20261123-120000-abcdef", metrics={"accuracy": 1.0})
        return claim

    monkeypatch.setattr(claims, "take", take)
    assert worker.execute(run.folder, "me") == 0
    assert executed == []


def test_what_a_run_prints_goes_to_its_folder_and_its_summary_nowhere(tmp_path):
    file = tmp_path / "stderr.txt"
    file.write_text("of the attempt before")
    kept = [os.dup(number) for number in (1, 2)]
    try:
        worker._print_to(file)
        os.write(1, b"a summary")
        os.write(2, b"a warning")
        place = os.stat(os.devnull)
        assert os.path.samestat(os.fstat(1), place)
    finally:
        for number, stream in zip((1, 2), kept, strict=True):
            os.dup2(stream, number)
            os.close(stream)
    assert file.read_text() == "a warning"


def test_the_program_ends_with_the_code_of_its_run(monkeypatch):
    signals = {}
    monkeypatch.setattr(signal, "signal", lambda number, handler: signals.update({number: handler}))
    monkeypatch.setattr("sys.argv", ["worker", "folder", "me"])
    monkeypatch.setattr(worker, "execute", lambda folder, owner: 3)
    with pytest.raises(SystemExit) as end:
        worker.main()
    assert end.value.code == 3
    assert signals[signal.SIGTERM] is signal.default_int_handler  # schedulers stop it politely

    def stop(folder, owner):
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "execute", stop)
    with pytest.raises(SystemExit) as end:
        worker.main()
    assert end.value.code == STOPPED
