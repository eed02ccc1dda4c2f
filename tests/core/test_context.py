"""The context of a task: its choices, data in memory, and what stored weights belong to."""

from __future__ import annotations

import json

import pytest

from nntasks.context import (
    TaskContext,
    choose,
    info_from_json,
    info_to_json,
    read_description,
)
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Splits
from nntasks.runner import make_task

INFO = DataInfo(("left", "right"), (2,), {"scale": 255})


@pytest.fixture
def task(toy):
    return make_task("toy", [{"data.points": 16}])


@pytest.fixture
def weights(tmp_path):
    """Return a function that writes weights with a description, and returns their file."""

    def write(**changed):
        described = {"model": "perceptron", "model_options": {}, "info": info_to_json(INFO)}
        file = tmp_path / "model.safetensors"
        file.touch()
        (tmp_path / "model.json").write_text(json.dumps({**described, **changed}))
        return file

    return write


class TestChoices:
    def test_the_entries_that_a_configuration_names(self, task):
        choices = task.context.choices
        assert choices.dataset.__name__ == "Clouds"
        assert choices.dataset_options.points == 16
        assert choices.model.__name__ == "Perceptron"
        assert choices.model_options is None
        assert list(choices.metrics) == ["toy_accuracy"]

    def test_what_is_built_is_what_is_named(self, task):
        context, info = task.context, task.load_data().info
        model = context.build_model(task.config, info)
        assert type(model) is context.choices.model
        assert model.config is task.config
        (metric,) = context.build_metrics(task.config, info).values()
        assert type(metric) is context.choices.metrics["toy_accuracy"]

    def test_another_configuration_has_other_choices(self, task):
        config = task.config.model_copy(update={"data_options": {"points": 9}})
        context = task.context.configured(config)
        assert context.choices.dataset_options.points == 9
        assert context.seeds is task.context.seeds
        assert task.context.choices.dataset_options.points == 16

    @pytest.mark.parametrize(
        ("update", "told"),
        [
            ({"data": "cluods"}, "unknown data set 'cluods'"),
            ({"model": "perceptrn"}, "unknown model 'perceptrn'. Did you mean 'perceptron'"),
            ({"metrics": ("accuracy",)}, "unknown metric 'accuracy'"),
            (
                {"model_options": {"depth": 1, "width": 2}},
                "unknown key model.depth, model.width: model 'perceptron' takes no options",
            ),
            ({"data_options": {"points": 1}}, "data.points: expected a whole number >= 8"),
        ],
    )
    def test_what_is_refused(self, task, update, told):
        config = task.config.model_copy(update=update)
        with pytest.raises(UsageError) as error:
            choose(task.context.registry, "toy", config)
        assert told in str(error.value)


def test_data_in_memory_take_the_place_of_the_data_set(task):
    splits = Splits(*(task.load_data().test for _ in range(3)), INFO)
    holding = task.context.holding(splits)
    assert holding.load_dataset(task.config) is splits
    assert len(task.context.load_dataset(task.config).test) == 16


def test_files_that_can_be_made_again_lie_in_the_last_root(task, tmp_path, monkeypatch):
    monkeypatch.setenv("NNTASKS_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    context = make_task("toy", []).context
    assert context.cache_folder == tmp_path / "cache" / "nntasks"


def test_warnings_go_to_stderr(task, capsys):
    assert isinstance(task.context, TaskContext)
    task.context.warn("a line")
    assert capsys.readouterr() == ("", "a line\n")


class TestStoredModel:
    def test_weights_bring_their_model_and_data(self, task, weights):
        config, info = task.context.stored_model(weights(), task.config, None)
        assert (config.model, info) == ("perceptron", INFO)

    def test_the_stored_model_replaces_the_default_and_no_other_choice(self, task, weights):
        file = weights(model="other", model_options={"depth": 2})
        config, _ = task.context.stored_model(file, task.config, None)
        assert (config.model, config.model_options) == ("other", {"depth": 2})
        chosen = task.config.model_copy(update={"model": "third"})
        with pytest.raises(UsageError, match="belongs to model=other, not model=third; remove mod"):
            task.context.stored_model(file, chosen, None)

    def test_weights_of_other_data_are_refused(self, task, weights):
        file, other = weights(), DataInfo(tuple("abcd"))
        with pytest.raises(UsageError) as told:
            task.context.stored_model(file, task.config, other)
        assert "2 classes (left, right) against 4 classes (a, b, c, ...)" in str(told.value)

    def test_weights_without_a_description_need_data(self, task, tmp_path):
        file = tmp_path / "yolo.safetensors"
        assert task.context.stored_model(file, task.config, INFO) == (task.config, INFO)
        with pytest.raises(UsageError, match=r"lacks its description yolo\.json; expected the wei"):
            task.context.stored_model(file, task.config, None)


class TestDescription:
    def test_only_weights_of_runs_have_one(self, weights, tmp_path):
        assert read_description(weights())["model"] == "perceptron"
        assert read_description(tmp_path / "other.safetensors") is None
        (tmp_path / "model.json").unlink()
        assert read_description(tmp_path / "model.safetensors") is None

    @pytest.mark.parametrize(
        "changed",
        [
            {"model": 3},
            {"model_options": []},
            {"info": None},
            {"info": {}},
            {"info": {"classes": "ab", "input_shape": [], "details": {}}},
            {"info": {"classes": [1], "input_shape": [], "details": {}}},
            {"info": {"classes": [], "input_shape": ["a"], "details": {}}},
        ],
    )
    def test_damage_names_the_key(self, weights, changed):
        (key,) = changed
        with pytest.raises(UsageError, match=f"model.json is damaged: its '{key}' is"):
            read_description(weights(**changed))


@pytest.mark.parametrize("info", [INFO, DataInfo()])
def test_a_description_of_data_survives_json(info):
    assert info_from_json(json.loads(json.dumps(info_to_json(info)))) == info
