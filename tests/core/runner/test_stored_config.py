"""The configuration that a run keeps."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.runner import make_task
from nntasks.runner.prediction import open_model
from nntasks.runner.stored_config import stored_config


def test_paths_are_kept_absolute_in_lists_and_options_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keys = {"data": "text", "data.path": "a.txt,b/*.txt", "data.analogies": "asked.txt"}
    stored = stored_config(make_task("word2vec", [keys]))
    assert stored["data.path"] == [str(tmp_path / "a.txt"), str(tmp_path / "b/*.txt")]
    assert stored["data.analogies"] == str(tmp_path / "asked.txt")
    assert stored["weights"] is None
    assert "data.pairs" not in stored  # only what was given
    again = make_task("word2vec", [{k: v for k, v in stored.items() if k != "task"}])
    monkeypatch.chdir("/")
    assert stored_config(again) == stored


def test_a_leading_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    keys = {"data": "text", "data.path": "~/a.txt", "weights": "~/w.safetensors"}
    task = make_task("word2vec", [keys])
    assert task.config.weights == tmp_path / "w.safetensors"
    assert stored_config(task)["data.path"] == [str(tmp_path / "a.txt")]


@pytest.mark.parametrize("target", ["runs/nix/latest", "./nix"])
def test_a_path_without_a_run_is_no_unknown_task(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="expected the folder of a run, found none at"):
        open_model(target, None, [])


@pytest.mark.parametrize("content", ["{}\n", "epochs: 3\n", "task: 3\n", "task: [numpy_mlp]\n", ""])
@pytest.mark.parametrize("verb", ["predict", "evaluate", "explain", "resume"])
def test_a_configuration_without_a_task_is_refused_by_name(tmp_path, cli_here, verb, content):
    run = tmp_path / "runs" / "numpy_mlp" / "one"
    (run / "checkpoints" / "final").mkdir(parents=True)
    (run / "config.yaml").write_text(content)
    (run / "checkpoints" / "final" / "model.safetensors").write_bytes(b"\2" + bytes(7) + b"{}")
    words = {
        "predict": ("predict", run, "x.png"),
        "evaluate": ("evaluate", run),
        "explain": ("explain", run, "x.png"),
        "resume": ("run", "--resume", run),
    }[verb]
    done = cli_here(*words)
    assert done.returncode == 2
    assert f"{run / 'config.yaml'} names no task" in done.stderr
