"""Start, resume and evaluate again: what is written, what is left alone, and what is refused."""

from __future__ import annotations

import json

import pytest

from nntasks.errors import RunFailed, UsageError
from nntasks.run_folder import RunFolder
from nntasks.runner import commands
from nntasks.storage import locks

KEYS = {"data": "xor", "data.points": 32, "hidden_sizes": "4", "epochs": 1}


@pytest.fixture(scope="module", autouse=True)
def no_report():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.report.run_report.write_report", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    return commands.start("numpy_mlp", [KEYS], out=out, quiet=True)


def test_a_dry_run_does_everything_but_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = commands.start("numpy_mlp", [KEYS], dry_run=True, created=lambda folder: 1 / 0)
    assert done.folder is None
    assert done.summary["dry_run"] is True
    assert done.summary["config"]["hidden_sizes"] == [4]
    assert done.summary["samples"] == {"train": 32, "validation": 8, "test": 32}
    assert done.summary["model_numbers"] > 0
    assert list(tmp_path.iterdir()) == []


def test_later_layers_win(tmp_path):
    done = commands.start("numpy_mlp", [KEYS, {"epochs": 2}, {"seed": 5}], dry_run=True)
    assert (done.summary["config"]["epochs"], done.summary["config"]["seed"]) == (2, 5)


def test_the_folder_is_told_before_the_training(tmp_path):
    told = []

    def created(folder):
        told.append((folder, sorted(path.name for path in folder.glob("*.json"))))

    done = commands.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True, created=created)
    assert told == [(done.folder, ["environment.json"])]


def test_what_the_folder_says_of_the_machine_and_the_data(finished):
    told = json.loads((finished.folder / "environment.json").read_text())
    assert told["processes"] == 1
    assert told["data"] == {}  # this data set has no files
    assert {"python", "packages"} <= told.keys()


def test_weights_that_are_missing_leave_no_folder(tmp_path):
    with pytest.raises(UsageError, match="found nothing at"):
        commands.start("numpy_mlp", [{**KEYS, "weights": str(tmp_path / "no")}], out=tmp_path / "o")
    assert list(tmp_path.iterdir()) == []


def test_a_complete_run_is_resumed_by_leaving_it_alone(finished):
    before = {p: p.stat().st_mtime_ns for p in finished.folder.rglob("*")}
    again = commands.resume(finished.folder)
    assert again.summary == json.loads((finished.folder / "summary.json").read_text())
    assert again.folder == finished.folder
    assert before == {p: p.stat().st_mtime_ns for p in finished.folder.rglob("*")}


def test_a_run_that_another_process_has_is_not_resumed(tmp_path, finished):
    folder = RunFolder.create(tmp_path, "numpy_mlp", KEYS, {})
    lock = locks.acquire(folder.path, print)
    try:
        with pytest.raises(locks.InUse):
            commands.resume(folder.path)
    finally:
        lock.release()
    with pytest.raises(UsageError, match="is not a run"):
        commands.resume(tmp_path)


def test_an_evaluation_is_a_run_beside_the_other_with_its_weights(finished):
    again = commands.evaluate_run(finished.folder, [{}], quiet=True)
    assert again.folder.parent == finished.folder.parent
    assert again.folder != finished.folder
    assert again.summary["metrics"] == finished.summary["metrics"]
    assert not (again.folder / "checkpoints" / "final").exists()  # nothing was trained
    task, weights = commands.evaluated_task(RunFolder.open(again.folder), [])
    assert weights == finished.folder / "checkpoints" / "final" / "model.safetensors"
    assert task.config.weights is not None


def test_data_that_changed_are_told_unless_a_key_asks_for_others(finished, monkeypatch, capsys):

    real = commands.fingerprint
    monkeypatch.setattr(commands, "fingerprint", lambda s: {**real(s), "test": {"samples": 9}})
    commands.evaluate_run(finished.folder, [], quiet=True)
    assert "test had 32 samples, has 9" in capsys.readouterr().err
    commands.evaluate_run(finished.folder, [{"data.points": 16}], quiet=True)
    assert capsys.readouterr().err == ""


def test_an_error_of_torch_is_explained_and_the_others_are_left():
    calls = []

    class Two:
        def explained(self, error):
            return RunFailed(f"explained: {error}")

        def leave(self):
            calls.append("left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands.Workers, "join", Two)
        with pytest.raises(RunFailed, match="explained: gone"), commands.joined():
            raise RuntimeError("gone")
        with pytest.raises(UsageError, match="as it is"), commands.joined():
            raise UsageError("as it is")
    assert calls == ["left", "left"]
