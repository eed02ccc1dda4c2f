"""The handle of a run: rows, the headline, checkpoints when due, a polite stop, a black box."""

from __future__ import annotations

import json
import signal
import threading

import numpy as np
import pytest

from nntasks.errors import Diverged, Interrupted
from nntasks.interfaces import Batch, Metric, Model, Split
from nntasks.machine.distributed import ALONE, Workers
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Headline, Run
from nntasks.seeding import Seeds


class Numbers(Split):
    def __len__(self):
        return 3

    def batch(self, indices, *, epoch=None):
        return Batch(list(indices), list(indices), list(indices))


class Echo(Model):
    def fit(self, train, *, validation, run): ...

    def predict(self, batch):
        return batch.inputs

    def state(self):
        return {}

    def load_state(self, state): ...


class Sum(Metric):
    def __init__(self, names=("sum", "count")):
        self.names = names
        self.reset()

    def reset(self):
        self.seen = []

    def update(self, predictions, targets, ids):
        self.seen += predictions

    def merge(self, other):
        self.seen += other.seen

    def compute(self):
        return dict(zip(self.names, (float(sum(self.seen)), float(len(self.seen))), strict=False))

    def definitions(self):
        return dict.fromkeys(self.names, "a number")

    def fresh(self):
        return Sum(self.names)


@pytest.fixture
def make(tmp_path):
    """Return a function that makes the handle of a new run."""

    def handle(headline=(), metric=None, workers=ALONE, quiet=True):
        folder = RunFolder.create(tmp_path, "toy", {}, {})
        metrics = {"sum": metric or Sum()}
        return Run(folder, Seeds(0), workers, metrics, headline, batch_size=2, quiet=quiet)

    return handle


def rows(run):
    lines = (run.folder.path / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_rows_come_to_disk_when_flushed(make):
    run = make()
    run.scalars(split="train", step=1, epoch=0.5, loss=2.0)
    assert not (run.folder.path / "metrics.jsonl").exists()
    run.flush()
    assert rows(run) == [{"split": "train", "step": 1, "epoch": 0.5, "loss": 2.0}]
    assert run.rows == 1


def test_only_the_main_process_writes(make, capsys):
    run = make(workers=Workers(rank=1, size=2), quiet=False)
    run.scalars(split="train", step=1, epoch=0.5, loss=2.0)
    run.hashed(1, 1, {"model": "ab"})
    run.say("hello")
    run.flush()
    run.keep_hashes()
    assert run.rows == 0
    assert not (run.folder.path / "metrics.jsonl").exists()
    assert not (run.folder.path / "hashes.jsonl").exists()
    assert capsys.readouterr().err == ""


def test_a_quiet_run_keeps_its_lines_in_the_log_alone(make, capsys):
    make(quiet=False).say("loud")
    run = make()
    run.say("hushed")
    assert capsys.readouterr().err == "loud\n"
    assert "hushed" in (run.folder.path / "log.txt").read_text()


def test_rewinding_drops_later_rows_and_the_hashes_of_later_epochs(make):
    run = make()
    for step in range(4):
        run.scalars(split="train", step=step, epoch=step, loss=0.0)
        run.hashed(step, step, {"model": str(step)})
    run.rewind(2, 1)
    assert [row["step"] for row in run.folder.history] == [0, 1]
    assert [row["epoch"] for row in run.folder.hashes] == [0, 1]


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        (("count", "sum"), Headline("count", 3.0)),
        (("absent", "sum"), Headline("sum", 3.0)),
        ((), Headline("sum", 3.0)),
    ],
)
def test_the_headline_of_a_validation(make, headline, expected):
    run = make(headline)
    assert run.validate(Echo(), Numbers(), step=4, epoch=2) == expected
    (row,) = run.folder.history
    assert row == {"split": "validation", "step": 4, "epoch": 2, "sum": 3.0, "count": 3.0}


def test_a_validation_that_measures_nothing_has_no_headline(make):
    assert make(("sum",), Sum(())).validate(Echo(), Numbers(), step=1, epoch=1) is None


def test_how_a_headline_reads():
    assert str(Headline("accuracy", 0.98765)) == "validation accuracy 0.9877"


def test_a_checkpoint_is_saved_when_it_is_due(make):
    run, saved = make(), []
    run.save_if_due(1e9, lambda: saved.append("early"))
    run.save_if_due(0, lambda: saved.append("due"))
    assert saved == ["due"]


def test_a_checkpoint_has_the_rows_and_the_fingerprint_beside_it(make):
    run = make()
    run.fingerprint = {"train": "abc"}
    run.scalars(split="train", step=1, epoch=1, loss=1.0)
    run.hashed(1, 1, {"model": "ab"})
    run.checkpoints.save(1, {"model": {"w": np.ones(1)}}, {})
    place = run.checkpoints.latest().path
    assert json.loads((place / "data.json").read_text()) == {"train": "abc"}
    assert json.loads((place / "metrics.jsonl").read_text())["loss"] == 1.0
    assert json.loads((place / "hashes.jsonl").read_text()) == {
        "epoch": 1,
        "step": 1,
        "model": "ab",
    }


def test_a_signal_stops_the_run_at_the_next_checkpoint(make):
    run, saved = make(), []
    before = signal.getsignal(signal.SIGTERM)
    with run.stopping_politely():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # schedulers repeat them
        with pytest.raises(Interrupted, match=f"continue with --resume {run.folder.path}") as stop:
            run.save_if_due(1e9, lambda: saved.append(1))
    assert stop.value.number == signal.SIGTERM
    assert saved == [1]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_ctrl_c_ends_it_at_once(make):
    with make().stopping_politely():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_outside_the_main_thread_signals_stay_as_they_are(make):
    run, entered = make(), []

    def work():
        with run.stopping_politely():
            entered.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    before = signal.getsignal(signal.SIGTERM)
    thread.start()
    thread.join()
    assert entered == [before]


def test_a_run_that_diverged_leaves_rows_a_black_box_and_one_line(make):
    run = make()
    run.scalars(split="train", step=3, epoch=1, loss=float("inf"))
    accident = {"what": "the loss is inf", "at": "step 3", "lr": 0.25}
    with pytest.raises(Diverged) as told:
        run.diverged(accident, "entropy was inf", [{"step": 3, "loss": "inf"}], "try a lower lr")
    line = str(told.value)
    assert line.startswith(
        "the loss is inf at step 3, learning rate 0.25; entropy was inf; no checkpoint was due "
        "yet; try a lower lr; black box: "
    )
    assert line.endswith(f"nntasks verify {run.folder.path} --accident")
    assert "\n" not in line
    assert told.value.accident == accident
    assert len(rows(run)) == 1
    assert (run.folder.path / "black_box" / "steps.csv").read_text() == "step,loss\n3,inf\n"
