"""Recipes are found by name, wherever the plugin lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks import contracts
from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.experiments import plan
from nntasks.registry import discover
from nntasks.runner import make_task
from nntasks.runner.recipes import find_recipe, recipes_of

TASKS = [entry.name for entry in discover().entries("tasks")]


@pytest.mark.parametrize("task", TASKS)
def test_every_recipe_fits_its_task_and_says_what_it_is(task):
    for recipe in recipes_of(contracts.task_class(discover(), task)):
        assert recipe.summary
        if recipe.is_ladder:
            plan.ladder(task, recipe.path, [])
        else:
            make_task(task, [read_config_file(recipe.path)])


def test_a_name_a_path_and_a_file_of_the_same_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = find_recipe("numpy_mlp", Path("mnist"))
    assert (found.parent.name, found.name) == ("numpy_mlp", "mnist.yaml")
    assert find_recipe("cnn_classify", Path("cifar10_ladder"), ladder=True).is_file()
    (tmp_path / "mnist").write_text("epochs: 1")
    assert find_recipe("numpy_mlp", Path("mnist")) == Path("mnist")
    assert find_recipe("numpy_mlp", Path("other/mnist")) == Path("other/mnist")


def test_an_unknown_name_lists_what_there_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"has no recipe 'mnits'.*Did you mean 'mnist'"):
        find_recipe("numpy_mlp", Path("mnits"))
    with pytest.raises(UsageError, match=r"word2vec has no ladder 'x', .* It has none"):
        find_recipe("word2vec", Path("x"), ladder=True)


def test_the_command_line_takes_a_name(cli_here, tmp_path):
    words = ("run", "unet_segment", "--config", "pets", "data=blobs", "--dry-run")
    assert "depth" in cli_here(*words, "data.validation=4").stdout
    wrong = cli_here("run", "numpy_mlp", "--config", "mnits")
    assert wrong.returncode == 2
    assert len(wrong.stderr.splitlines()) == 1


def test_info_lists_them_and_shows_one_key(cli_here):
    shown = cli_here("info", "cnn_classify").stdout
    assert "Recipes (run --config NAME):\n  mnist" in shown
    assert "Ladders (ablate --ladder NAME):\n  cifar10_ladder" in shown
    one = cli_here("info", "unet_segment", "loss").stdout
    assert one.startswith("unet_segment:\n  loss")
    assert len(one.splitlines()) == 3
    options = cli_here("info", "unet_segment", "data.size").stdout
    assert "data=blobs:\n  data.size" in options
    wrong = cli_here("info", "unet_segment", "los")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "has no key 'los'. Did you mean 'loss'" in wrong.stderr
