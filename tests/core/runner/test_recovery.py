"""`--resume` after damage: one line that names the file, and the same bytes as without it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import digest
from PIL import Image

from nntasks import runner
from nntasks.errors import Interrupted, RunFailed, UsageError
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.storage import locks

KEYS = {"data": "xor", "data.points": 64, "hidden_sizes": "4", "epochs": 3, "checkpoint_seconds": 0}
WEIGHTS = "checkpoints/final/model.safetensors"


@pytest.fixture(scope="module", autouse=True)
def no_report():
    """Leave out figures and page, which take most of the time of so small a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.report.run_report.write_report", lambda *_: None)
        yield


@pytest.fixture
def stopping(monkeypatch):
    """Return a function that begins a run and stops it after so many checkpoints."""
    save_if_due = Run.save_if_due

    def begin(out, checkpoints, keys=KEYS, task="numpy_mlp"):
        left = [checkpoints]

        def save(self, seconds, save):
            save_if_due(self, seconds, save)
            left[0] -= 1
            if not left[0]:
                raise Interrupted("stopped by the test")

        monkeypatch.setattr(Run, "save_if_due", save)
        with pytest.raises(Interrupted):
            runner.start(task, [keys], out=Path(out), quiet=True)
        monkeypatch.setattr(Run, "save_if_due", save_if_due)
        return (Path(out) / task / "latest").resolve()

    return begin


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the folder of the run that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole")
    return runner.start("numpy_mlp", [KEYS], out=out, quiet=True).folder


def assert_same(run, whole):
    assert digest(run / WEIGHTS) == digest(whole / WEIGHTS)
    for name in ("metrics.jsonl", "hashes.jsonl"):
        assert (run / name).read_text() == (whole / name).read_text()
    assert not [path for path in run.parent.rglob(".*") if path.name != "latest"]


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def steps(run):
    return sorted((run / "checkpoints").glob("step-*"))


@pytest.mark.parametrize("name", ["model.safetensors", "state.json", "metrics.jsonl", "data.json"])
def test_the_checkpoint_before_a_damaged_one_is_used(tmp_path, stopping, whole, capsys, name):
    run = stopping(tmp_path, 3)
    older, newest = steps(run)
    flip(newest / name)
    runner.resume(run)
    told = capsys.readouterr().err
    assert f"{newest} is damaged: the checksum of {name} differs; {older.name} is used" in told
    assert_same(run, whole)


@pytest.mark.parametrize("damage", ["emptied", "removed", "cut"])
def test_damaged_checksums_count_as_damage(tmp_path, stopping, whole, capsys, damage):
    run = stopping(tmp_path, 3)
    sums = steps(run)[-1] / "SHA256SUMS"
    if damage == "removed":
        sums.unlink()
    else:
        sums.write_text("" if damage == "emptied" else sums.read_text()[:70])
    runner.resume(run)
    assert f"{sums.parent} is damaged: " in capsys.readouterr().err
    assert_same(run, whole)


def test_without_a_whole_checkpoint_nothing_is_trained(tmp_path, stopping):
    run = stopping(tmp_path, 3)
    for step in steps(run):
        flip(step / "model.safetensors")
    with pytest.raises(UsageError, match=r"no checkpoint can be used, .*the checksum of model"):
        runner.resume(run, quiet=True)
    assert len(steps(run)) == 2


@pytest.mark.parametrize("content", [b'{"split": "tra', b"\xff", b"3\n", b'{"split": "train"}\n'])
def test_rows_come_back_from_the_checkpoint(tmp_path, stopping, whole, capsys, content):
    run = stopping(tmp_path, 3)
    (run / "metrics.jsonl").write_bytes(content)
    runner.resume(run)
    assert f"{run / 'metrics.jsonl'} " in capsys.readouterr().err
    assert_same(run, whole)


def test_a_damaged_log_keeps_its_lines(tmp_path, stopping, whole, capsys):
    run = stopping(tmp_path, 2)
    (run / "log.txt").write_bytes(b"a line\n\xff\xfe\n")
    runner.resume(run)
    assert "log.txt is damaged: expected UTF-8, got byte 0xff" in capsys.readouterr().err
    assert (run / "log.txt").read_text().startswith("a line\n\\xff\\xfe\n")
    assert_same(run, whole)


@pytest.mark.parametrize("name", ["summary.json", "environment.json", "config.yaml"])
def test_other_damage_is_named_and_leaves_the_run_alone(tmp_path, stopping, name):
    run = stopping(tmp_path, 2)
    (run / name).write_text('{"task": ["num')
    with pytest.raises(UsageError, match=rf"{name}"):
        runner.resume(run, quiet=True)


def test_a_damaged_summary_moved_away_is_made_again(tmp_path, whole):
    result = runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True)
    (result.folder / "summary.json").write_text('{"task": "numpy_mlp"}')
    with pytest.raises(UsageError, match=r"summary\.json is damaged: its 'run' is None"):
        runner.resume(result.folder)
    (result.folder / "summary.json").unlink()
    again = runner.resume(result.folder, quiet=True)
    assert again.summary["metrics"] == result.summary["metrics"]
    assert_same(result.folder, whole)


def test_damaged_weights_are_not_evaluated_but_trained_again(tmp_path, whole, capsys):
    folder = runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True).folder
    flip(folder / WEIGHTS)
    with pytest.raises(UsageError, match=r"the checksum of model\.safetensors differs"):
        runner.evaluate_run(folder, [], quiet=True)
    (folder / "summary.json").unlink()
    runner.resume(folder)
    assert "final is damaged: the checksum of model.safetensors" in capsys.readouterr().err
    assert_same(folder, whole)


def test_what_a_killed_process_left_is_removed(tmp_path, stopping, whole):
    run = stopping(tmp_path, 2)
    (run / ".0123456789ab.tmp").write_text("half a ")
    (run / "checkpoints" / ".step-00000099.abcd.tmp").mkdir()
    (run / "figures" / ".ba20b729.tmp").write_text("half a ")
    unborn = run.parent / ".20260101-000000-abcdef.tmp"
    unborn.mkdir()
    (unborn / locks.NAME).write_text("")
    runner.resume(run, quiet=True)
    assert_same(run, whole)


def test_a_run_in_use_is_left_alone(tmp_path, stopping):
    run = stopping(tmp_path, 2)
    with (
        RunFolder(run).held(print),
        pytest.raises(UsageError, match=r"is in use by process \d+; wait until"),
    ):
        runner.resume(run, quiet=True)


def pictures(folder, count, shade):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        pixels = np.full((8, 8, 3), shade + number, np.uint8)
        Image.fromarray(pixels).save(folder / f"{shade}-{number}.png")


def class_folders(root):
    pictures(root / "a", 20, 20)
    pictures(root / "b", 20, 180)
    own = {key: value for key, value in KEYS.items() if not key.startswith("data")}
    return {**own, "data": "class_folders", "data.path": str(root)}


@pytest.mark.parametrize("change", ["more pictures", "another class", "other pixels", "other name"])
def test_changed_data_are_refused(tmp_path, stopping, change):
    root = tmp_path / "pictures"
    keys = class_folders(root)
    run = stopping(tmp_path / "runs", 2, keys)
    before = (run / "metrics.jsonl").read_bytes()
    if change == "more pictures":
        pictures(root / "a", 5, 60)
    elif change == "another class":
        pictures(root / "c", 5, 60)
    elif change == "other pixels":
        Image.new("RGB", (8, 8), "red").save(root / "a" / "20-0.png")
    else:
        (root / "a" / "20-0.png").rename(root / "a" / "99-0.png")
    with pytest.raises(UsageError, match=rf"the data have changed since {run} started: .*pictures"):
        runner.resume(run, quiet=True)
    assert (run / "metrics.jsonl").read_bytes() == before
    assert steps(run)


def test_data_that_moved_are_the_same(tmp_path, stopping):
    root = tmp_path / "pictures"
    keys = class_folders(root)
    run = stopping(tmp_path / "runs", 2, keys)
    root.rename(tmp_path / "elsewhere")
    config = run / "config.yaml"
    config.write_text(config.read_text().replace(str(root), str(tmp_path / "elsewhere")))
    assert runner.resume(run, quiet=True).summary["samples"] > 0


def test_evaluate_notices_changed_data(tmp_path, capsys):
    root = tmp_path / "pictures"
    keys = class_folders(root)
    folder = runner.start("numpy_mlp", [keys], out=tmp_path / "runs", quiet=True).folder
    runner.evaluate_run(folder, [], quiet=True)
    assert "have changed" not in capsys.readouterr().err
    pictures(root / "a", 10, 60)
    runner.evaluate_run(folder, [], quiet=True)
    told = capsys.readouterr().err
    assert f"warning: the data have changed since {folder}: test had 8 samples, has 10" in told
    runner.evaluate_run(folder, [{"seed": 1}], quiet=True)  # other data were asked for
    assert "have changed" not in capsys.readouterr().err


def test_the_fingerprint_is_in_the_run_and_in_its_checkpoints(tmp_path, stopping):
    run = stopping(tmp_path, 2)
    stored = json.loads((run / "environment.json").read_text())["fingerprint"]
    assert stored["classes"] == ["even", "odd"]
    assert stored["train"]["samples"] == 64
    assert {json.dumps(json.loads((s / "data.json").read_text())) for s in steps(run)} == {
        json.dumps(stored)
    }


def test_a_run_that_failed_hands_latest_back(tmp_path, capsys, monkeypatch):
    good = runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True).folder

    def fail(*_, **__):
        raise RunFailed("the loss became nan")

    monkeypatch.setattr(Run, "save_if_due", fail)
    with pytest.raises(RunFailed):
        runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True)
    assert (tmp_path / "numpy_mlp" / "latest").resolve() == good.resolve()
    assert f"names {good.name} again, the newest finished run" in capsys.readouterr().err


def test_weights_of_a_stopped_run_name_the_newest_finished_one(tmp_path, stopping):
    good = runner.start("numpy_mlp", [KEYS], out=tmp_path, quiet=True).folder
    stopped = stopping(tmp_path, 2)
    with pytest.raises(UsageError, match=rf"the newest finished run is .*{good.name}"):
        runner.final_weights(stopped)


def test_a_run_of_an_earlier_version_resumes_with_the_former_name_of_a_key(
    tmp_path, stopping, whole
):
    run = stopping(tmp_path, 2)
    config = run / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace("hidden_sizes:", "layers:"))
    assert config.read_text() != text
    runner.resume(run, quiet=True)
    assert_same(run, whole)
    again = runner.evaluate_run(run, [], quiet=True)
    assert again.summary["metrics"] == RunFolder(whole).summary()["metrics"]
