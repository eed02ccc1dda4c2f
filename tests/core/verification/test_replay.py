"""`verify --replay`: the same bits for every task, and what differs first where they do not."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from nntasks import runner
from nntasks.errors import UsageError
from nntasks.storage import checksums
from nntasks.verification import verify
from nntasks.verification.stretch import Stretch

TASKS = {
    "numpy_mlp": {"data": "xor", "data.points": 64, "hidden_sizes": "4", "epochs": 3},
    "cnn_classify": {"data": "class_folders", "epochs": 2, "batch_size": 8, "model": "lenet5"},
    "unet_segment": {
        "data.train": 12,
        "data.validation": 4,
        "data.test": 4,
        "data.size": 32,
        "depth": 2,
        "width": 4,
        "epochs": 2,
    },
    "word2vec": {"epochs": 1, "dim": 8},
    "embedding_analysis": {},
    "yolo_detect": {
        "data.train": 8,
        "data.validation": 4,
        "data.test": 4,
        "data.size": 64,
        "model": "yolov5p",
        "batch_size": 4,
        "epochs": 2,
        "validate_every": 1,
    },
}
SLOW = ("word2vec", "embedding_analysis", "yolo_detect")


def trained(task, out, **keys):
    """Return the folder of a tiny run, without figures and page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.report.run_report.write_report", lambda *_: None)
        given = {"checkpoint_seconds": 0, **TASKS[task], **keys}
        if task == "embedding_analysis":
            del given["checkpoint_seconds"]
        return runner.start(task, [given], out=out, quiet=True).folder


def pictures(folder):
    """Write a folder of a few coloured pictures of two classes."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for name, bright in (("dark", 60), ("light", 160)):
        (folder / name).mkdir(parents=True)
        for number in range(20):
            noise = rng.integers(0, 60, (32, 32, 3)) + bright
            Image.fromarray(noise.astype(np.uint8)).save(folder / name / f"{number}.png")
    return folder


@pytest.mark.parametrize(
    "task", [pytest.param(t, marks=pytest.mark.slow) if t in SLOW else t for t in TASKS]
)
def test_a_replay_has_the_same_bits(task, tmp_path):
    keys = {"data.path": pictures(tmp_path / "data")} if task == "cnn_classify" else {}
    run = trained(task, tmp_path, **keys)
    found = verify(run, stretch=Stretch())
    assert found.verdict().startswith("the same to the last bit: "), found.verdict()
    assert found.passed
    assert found.replay.rows == len((run / "metrics.jsonl").read_text().splitlines())
    assert found.replay.epochs == len((run / "hashes.jsonl").read_text().splitlines()) > 0
    assert found.replay.tensors > 0


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return trained("numpy_mlp", tmp_path_factory.mktemp("runs"), batch_size=16)


@pytest.fixture
def run(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / finished.name)
    (copy / checksums.NAME).unlink()
    return copy


def test_a_stretch_starts_from_the_oldest_checkpoint(run):
    found = verify(run, stretch=Stretch(steps=1))
    first, last = (int(p.name[5:]) for p in sorted((run / "checkpoints").glob("step-*")))
    assert (found.replay.start, found.replay.steps) == (first, last - first)
    assert found.replay.checkpoints == 1
    assert found.passed


def test_a_stretch_starts_where_it_is_told(run):
    found = verify(run, stretch=Stretch(steps=3, start=0))
    assert (found.replay.start, found.replay.steps) == (0, 3)
    assert found.replay.rows > 0
    assert found.passed


def test_a_changed_tensor_is_named_with_its_step_and_value(run):
    place = sorted((run / "checkpoints").glob("step-*"))[-1]
    arrays = load_file(place / "model.safetensors")
    name = next(n for n in arrays if n.endswith("weight"))
    arrays[name].reshape(-1)[3] += 1
    save_file(arrays, place / "model.safetensors")
    checksums.write(place)
    found = verify(run, stretch=Stretch())
    assert not found.passed
    step = int(place.name[5:])
    assert found.verdict().startswith(f"different: step {step}, model, {name}[")
    assert " was " in found.verdict()
    assert "(1 of " in found.verdict()


@pytest.mark.parametrize(
    ("key", "what"), [("order", "order of samples"), ("weights", "weights after it")]
)
def test_a_changed_hash_is_named_with_its_epoch(run, key, what):
    for place in (run, run / "checkpoints" / "final"):
        rows = [json.loads(line) for line in (place / "hashes.jsonl").read_text().splitlines()]
        rows[1][key] = "0" * 64
        (place / "hashes.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    checksums.write(run / "checkpoints" / "final")
    found = verify(run, stretch=Stretch())
    assert found.verdict() == f"different: epoch 2, the hash of the {what}"


def test_another_seed_differs_from_the_first_step_on(run):
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(config.replace("seed: 0", "seed: 1"))
    summary = json.loads((run / "summary.json").read_text())
    (run / "summary.json").write_text(json.dumps({**summary, "seed": 1}))
    found = verify(run, stretch=Stretch())
    assert found.verdict().startswith("different: ")


def test_a_stretch_without_a_record_is_refused(run):
    (run / "metrics.jsonl").write_text("")
    (run / "hashes.jsonl").write_text("")
    for place in (run / "checkpoints").iterdir():
        (place / "metrics.jsonl").unlink(missing_ok=True)
        (place / "hashes.jsonl").unlink(missing_ok=True)
        checksums.write(place)
    with pytest.raises(UsageError, match="recorded nothing between steps 0 and 1"):
        verify(run, stretch=Stretch(steps=1, start=0))


@pytest.mark.slow
def test_the_training_of_two_processes_is_repeated_by_two(tmp_path, cli):
    done = cli("run", "toy", "epochs=2", "data.points=64", "--nproc", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    run = tmp_path / "runs" / "toy" / "latest"
    done = cli("verify", run, "--replay", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the same to the last bit: ")
    (run / "items.csv").write_text("")
    done = cli("verify", run, "--replay", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stdout.startswith("different: ")


def test_a_run_that_trained_nothing_cannot_be_repeated(run, tmp_path):
    other = runner.evaluate_run(run, [], quiet=True).folder
    assert verify(other).passed
    with pytest.raises(UsageError, match="trained nothing, it evaluated"):
        verify(other, stretch=Stretch())
