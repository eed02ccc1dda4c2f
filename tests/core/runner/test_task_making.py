"""Tasks from names and keys, and from the folders of runs, those of earlier versions too."""

from __future__ import annotations

import pytest
from written_runs import write_run

from nntasks import renaming
from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder
from nntasks.runner.task_making import make_task, stored_keys, task_of


def folder(tmp_path, **keys):
    return RunFolder(write_run(tmp_path, "20261123-120000-abcdef", **keys))


def test_a_later_layer_wins_key_by_key(toy):
    config = make_task("toy", [{"width": 4, "seed": 1}, {"width": "16"}]).config
    assert (config.width, config.seed) == (16, 1)


def test_the_seeds_are_those_of_the_key(toy):
    first, second, other = (
        make_task("toy", [{"seed": seed}]).context.seeds.numpy("x").random() for seed in (1, 1, 2)
    )
    assert first == second != other


def test_the_task_of_a_run(toy, tmp_path):
    task = task_of(folder(tmp_path, width=4, **{"data.points": 9}))
    assert task.context.task == "toy"
    assert task.config.width == 4
    assert task.context.choices.dataset_options.points == 9


def test_stored_keys_keep_the_name_of_the_task(tmp_path):
    assert stored_keys(folder(tmp_path, width=4)) == ("toy", {"task": "toy", "width": 4})


def test_a_key_of_an_earlier_version_has_its_present_name(tmp_path):
    renaming._tell_once.cache_clear()
    task = task_of(folder(tmp_path, task="numpy_mlp", data="xor", layers=[8, 4]))
    assert task.config.hidden_sizes == (8, 4)


def test_a_stored_key_that_is_wrong_names_the_file(toy, tmp_path):
    run = folder(tmp_path, width=400)
    with pytest.raises(UsageError) as told:
        task_of(run)
    assert str(told.value).startswith(f"{run.path / 'config.yaml'}: width")


@pytest.mark.parametrize("text", ["seed: 1\n", "task: 3\n"])
def test_a_configuration_without_a_task(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UsageError, match="names no task; is it the folder of a run"):
        stored_keys(RunFolder(tmp_path))
