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
