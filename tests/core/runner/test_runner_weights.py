"""The weights that a run starts with: where they are looked for, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from written_runs import write_run

from nntasks import contracts
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Splits
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.runner import weights


@pytest.fixture
def run(tmp_path):
    """Return the folder of a run with final weights."""
    path = write_run(tmp_path, "20261123-120000-abcdef", metrics={"accuracy": 1.0})
    (path / "checkpoints").mkdir()
    Checkpoints(path / "checkpoints").save_final({"w": np.ones(2)}, {"model": "net"})
    return path


def final(run):
    return run / "checkpoints" / "final" / "model.safetensors"


def test_a_run_and_its_file_are_the_same(run):
    assert weights.final_weights(run) == final(run)
    assert weights.final_weights(final(run)) == final(run)


def test_a_run_that_evaluated_leads_to_the_run_that_trained(run, tmp_path):
    again = write_run(tmp_path, "20261124-120000-abcdef", weights=str(run))
    assert weights.final_weights(again) == final(run)


def test_a_run_without_weights_names_one_that_has_some(run, tmp_path):
    stopped = write_run(tmp_path, "20261125-120000-abcdef")
    with pytest.raises(UsageError) as told:
        weights.final_weights(stopped)
    assert str(told.value) == (
        f"{stopped} has no final weights; if its training was stopped, finish it with --resume; "
        f"the newest finished run is {run}"
    )


def test_nothing_at_the_place(tmp_path):
    with pytest.raises(UsageError, match=r"^weights: expected a file or the folder of a run, fou"):
        weights.final_weights(tmp_path / "none")


def test_damaged_weights_are_not_loaded(run):
    content = bytearray(final(run).read_bytes())
    content[-1] ^= 1
    final(run).write_bytes(content)
    with pytest.raises(UsageError) as told:
        weights.final_weights(run)
    assert str(told.value) == (
        f"{final(run).parent} is damaged: the checksum of model.safetensors differs; restore it "
        "from a copy, or train again"
    )


def test_a_file_from_elsewhere_has_no_checksums(run, tmp_path):
    other = tmp_path / "yolo.safetensors"
    other.write_bytes(b"anything")
    assert weights.final_weights(other) == other


class Asked:
    """A task that says what it is asked for."""

    def __init__(self, **config):
        self.config = SimpleNamespace(weights=None, data="clouds", **config)

    def load_model(self, path, info):
        return ("loaded", path)

    def load_pretrained(self, path, info):
        return ("pretrained", path)


SPLITS = Splits(object(), None, None, DataInfo())


@pytest.fixture(autouse=True)
def built(monkeypatch):
    monkeypatch.setattr(contracts, "task_model", lambda task, info: "new")


def test_where_a_model_comes_from(run):
    plain, evaluated, pretrained = Asked(), Asked(), Asked(pretrained=run)
    evaluated.config.weights = run
    assert weights.starting_model(plain, SPLITS, None) == ("new", False)
    assert weights.starting_model(evaluated, SPLITS, None) == (("loaded", final(run)), True)
    assert weights.starting_model(plain, SPLITS, final(run)) == (("loaded", final(run)), True)
    assert weights.starting_model(pretrained, SPLITS, None) == (("pretrained", final(run)), False)


def test_training_needs_a_training_split(run):
    task, splits = Asked(), Splits(None, None, object(), DataInfo())
    with pytest.raises(UsageError, match="data=clouds has no training split: give weights=FILE"):
        weights.starting_model(task, splits, None)
    task.config.weights = run
    assert weights.starting_model(task, splits, None)[1] is True
