"""The training loop: resumed to the bit, the same samples whatever the number of processes."""

from __future__ import annotations

import math

import pytest
import torch

from nntasks.errors import Interrupted, RunFailed, UsageError
from nntasks.machine.distributed import Workers
from nntasks.run_folder import RunFolder
from nntasks.run_folder.array_files import load_arrays
from nntasks.runner import make_task
from nntasks.runner.handle import Run

pytestmark = pytest.mark.usefixtures("toy")


class Killed(BaseException):
    """Stands for a SIGKILL: nothing catches it, nothing is written after it."""


def fit(folder, *, kill_at=None, interrupt_at=None, **keys):
    """Train the toy in `folder`; stop it hard or politely at a step; return the model."""
    task = make_task("toy", [{"optimizer": "adam", "checkpoint_seconds": 0, **keys}])
    splits = task.load_data()
    model = task.build_model(splits.info)
    metrics = task.build_metrics(splits.info)
    run = Run(folder, task.context.seeds, Workers(), metrics, task.headline, 32, quiet=True)
    honest, steps = model.loss, [0]

    def loss(module, batch):
        steps[0] += 1
        if steps[0] == kill_at:
            raise Killed
        if steps[0] == interrupt_at:
            run._stop = True
        return honest(module, batch)

    model.loss = loss
    model.fit(splits.train, validation=splits.validation, run=run)
    run.flush()
    run.checkpoints.save_final(model.state(), {})
    return model


@pytest.fixture
def new_folder(tmp_path):
    def create(name):
        return RunFolder.create(tmp_path / name, "toy", {}, {})

    return create


def final_bytes(folder):
    return (folder.checkpoints / "final" / "model.safetensors").read_bytes()


VARIANTS = {
    "sgd": {"optimizer": "sgd"},
    "adam with averaging": {"ema": 0.99},
    "pieces": {"accumulate": 4},
    "replicas": {"replicas": 2, "accumulate": 2},
    "muon": {"optimizer": "muon", "replicas": 2, "ema": 0.9},
    "plateau": {"schedule": "plateau", "plateau_epochs": 1, "ema": 0},
    "bfloat16": {"precision": "bfloat16"},
    "rare checkpoints": {"checkpoint_seconds": 1e6},
}


@pytest.mark.parametrize("keys", VARIANTS.values(), ids=VARIANTS.keys())
def test_a_killed_run_ends_with_the_same_bytes(new_folder, keys):
    undisturbed = new_folder("undisturbed")
    fit(undisturbed, **keys)
    disturbed = new_folder("disturbed")
    for kill_at in (1, 6, 3, 11):  # steps since the last start; within and across epochs
        with pytest.raises(Killed):
            fit(RunFolder.open(disturbed.path), kill_at=kill_at, **keys)
    fit(RunFolder.open(disturbed.path), **keys)
    assert final_bytes(disturbed) == final_bytes(undisturbed)
    assert RunFolder.open(disturbed.path).history == RunFolder.open(undisturbed.path).history


def test_an_interrupt_writes_a_checkpoint_and_says_how_to_go_on(new_folder):
    folder = new_folder("run")
    with pytest.raises(Interrupted, match="--resume") as caught:
        fit(folder, interrupt_at=5, checkpoint_seconds=1e6)
    assert caught.value.exit_code == 130
    assert sorted(p.name for p in folder.checkpoints.iterdir()) == ["step-00000005"]


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_checkpoint(new_folder):
    folder = new_folder("run")
    fit(folder, epochs=1)
    before = sorted(p.name for p in folder.checkpoints.glob("step-*"))
    (folder.checkpoints / "final" / "model.safetensors").unlink()
    with pytest.raises(
        RunFailed, match=r"loss became (inf|nan) at epoch 2, step 9, learning rate"
    ) as caught:
        fit(RunFolder.open(folder.path), epochs=2, blow_up=math.inf)
    assert sorted(p.name for p in folder.checkpoints.glob("step-*")) == before
    assert f"the last good checkpoint is {folder.checkpoints / before[-1]};" in str(caught.value)


def test_a_loss_that_is_not_finite_at_once_has_no_checkpoint_to_name(new_folder):
    with pytest.raises(RunFailed, match="no checkpoint was due yet"):
        fit(new_folder("run"), blow_up=math.inf, checkpoint_seconds=1e6)


def test_training_stops_early_without_progress(new_folder):
    folder = new_folder("run")
    fit(folder, epochs=50, patience=2, lr=1e-9, optimizer="sgd", ema=0)
    assert max(row["epoch"] for row in folder.history) < 50


def test_pieces_give_the_gradient_of_the_whole(new_folder, monkeypatch):
    """Without batch norm and dropout, accumulation changes nothing but rounding."""
    states = []
    for pieces in (1, 4):
        task = make_task("toy", [{"accumulate": pieces, "ema": 0, "epochs": 1, "optimizer": "sgd"}])
        splits = task.load_data()
        model = task.build_model(splits.info)
        model.module[1], model.module[3] = torch.nn.Identity(), torch.nn.Identity()
        run = Run(new_folder(str(pieces)), task.context.seeds, Workers(), {}, (), 32, quiet=True)
        model.fit(splits.train, validation=None, run=run)
        states.append(model.state())
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value, rtol=1e-5, atol=1e-6)


def test_loading_in_other_processes_changes_nothing(new_folder):
    states = [fit(new_folder(str(n)), epochs=1, workers=n).state() for n in (0, 2)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_weights_of_another_architecture_are_refused(new_folder):
    narrow = fit(new_folder("narrow"), epochs=1)
    task = make_task("toy", [{"width": 16}])
    wide = task.build_model(task.load_data().info)
    with pytest.raises(UsageError, match=r"expected 0.weight \(16, 2\), got \(8, 2\)"):
        wide.load_state(narrow.state())


def test_saved_weights_predict_the_same(new_folder):
    folder = new_folder("run")
    model = fit(folder, epochs=1)
    stored = load_arrays(folder.checkpoints / "final" / "model.safetensors", "torch")
    assert all(torch.equal(stored[name], value) for name, value in model.state().items())


def test_training_leaves_the_global_generator_as_it_was(new_folder):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    fit(new_folder("run"), epochs=1)
    assert torch.equal(torch.rand(3), expected)
