from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from nntasks.config import (
    Integers,
    TaskConfig,
    build,
    describe_values,
    flatten,
    parse_overrides,
    read_config_file,
)
from nntasks.errors import UsageError
from nntasks.renaming import migrated


class Example(TaskConfig):
    rate: float = Field(0.1, gt=0, le=1, description="a rate")
    mode: Literal["fast", "exact"] = Field("fast", description="how")
    norm: Literal["none", "batch"] = Field("none", description="a norm")
    layers: Integers = Field((3, 2), description="widths")
    path: Path | None = Field(None, description="a file")
    nesterov: bool = Field(False, description="look ahead")


def test_text_becomes_the_type_of_the_key():
    config = build(
        Example,
        {"rate": "1e-3", "layers": "784, 10", "nesterov": "yes", "path": "a/b", "seed": "7"},
    )
    assert config.rate == 1e-3
    assert config.layers == (784, 10)
    assert config.nesterov is True
    assert config.path == Path("a/b")
    assert config.seed == 7


def test_none_empties_only_keys_that_may_be_empty():
    assert build(Example, {"path": "x"}, {"path": "none"}).path is None
    assert build(Example, {"norm": "none"}).norm == "none"


def test_later_layers_win_and_options_are_merged_key_by_key():
    config = build(
        Example,
        {"rate": 0.2, "data.test": "a", "data.train": "b"},
        {"rate": "0.3", "data.test": "c"},
    )
    assert config.rate == 0.3
    assert config.data_options == {"test": "c", "train": "b"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"rat": "1"}, "unknown key rat. Did you mean 'rate'?"),
        ({"rate": "2"}, "rate: expected a number > 0 and <= 1, got '2'"),
        ({"rate": "quick"}, "rate: expected a number > 0 and <= 1, got 'quick'"),
        ({"mode": "slow"}, "mode: expected one of fast, exact, got 'slow'"),
        ({"seed": "-1"}, "seed: expected a whole number >= 0"),
        ({"layers": "3,x"}, "layers: expected whole numbers separated by commas, got"),
        ({"device": "gpu"}, "device: expected auto, cpu, cuda, cuda:N or mps, got 'gpu'"),
        ({"nesterov": "perhaps"}, "nesterov: expected yes or no, got 'perhaps'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(overrides, message):
    with pytest.raises(UsageError) as caught:
        build(Example, overrides)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


class TestRenamedKeys:
    class Present(TaskConfig):
        renamed = {"layers": "hidden_sizes"}
        hidden_sizes: Integers = Field((3, 2), description="widths")

    def test_the_former_name_is_taken(self):
        assert build(self.Present, {"layers": "8"}).hidden_sizes == (8,)

    def test_a_later_layer_wins_by_either_name(self):
        for names in (("layers", "hidden_sizes"), ("hidden_sizes", "layers")):
            first, second = ({name: size} for name, size in zip(names, ("8", "9"), strict=True))
            assert build(self.Present, first, second).hidden_sizes == (9,)

    def test_both_names_at_once_are_refused(self):
        with pytest.raises(UsageError) as caught:
            build(self.Present, {"layers": "8", "hidden_sizes": "9"})
        assert str(caught.value) == "layers is called hidden_sizes now; give it once"

    def test_stored_keys_get_their_present_names(self):
        stored = {"layers": [8], "seed": 3}
        assert migrated(self.Present.renamed, stored) == {"hidden_sizes": [8], "seed": 3}

    def test_only_an_absent_key_is_renamed_and_only_to_a_present_one(self):
        for renamed in ({"layers": "sizes"}, {"seed": "hidden_sizes"}):
            with pytest.raises(TypeError, match="renamed"):
                type("Wrong", (self.Present,), {"renamed": renamed, "__module__": __name__})


def test_an_unknown_key_without_a_near_one_lists_all():
    with pytest.raises(UsageError, match=r"Known keys: .*rate, seed, weights"):
        build(Example, {"zzz": 1})


def test_overrides_need_an_equals_sign_and_may_hold_more():
    assert parse_overrides(["a=b=c", "x= 1 "]) == {"a": "b=c", "x": "1"}
    with pytest.raises(UsageError, match="expected key=value, got 'epochs'"):
        parse_overrides(["epochs"])


def test_a_flattened_config_reads_back_equal(tmp_path):
    import yaml

    config = build(Example, {"data.test": "x", "path": "p", "layers": "1,2,3", "rate": "0.25"})
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(flatten(config)))
    assert build(Example, read_config_file(file)) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [("a: [1", "is not YAML"), ("- 1\n- 2\n", "expected lines of `key: value`, got list")],
)
def test_a_bad_config_file_is_named(tmp_path, text, message):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        read_config_file(file)
    assert "broken.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_config_file_is_named(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_config_file(tmp_path / "nowhere.yaml")


def test_values_are_described_for_people():
    described = {key: describe_values(field) for key, field in Example.model_fields.items()}
    assert described["rate"] == "a number > 0 and <= 1"
    assert described["mode"] == "one of fast, exact"
    assert described["path"] == "a path or none"
    assert described["nesterov"] == "yes or no"


class Narrower(Example):
    defaults = {"rate": 0.5}


def test_a_child_changes_a_default_and_keeps_range_and_description():
    assert (Narrower().rate, Example().rate) == (0.5, 0.1)
    assert Narrower.model_fields["rate"].description == Example.model_fields["rate"].description
    with pytest.raises(UsageError, match="rate: expected a number > 0 and <= 1"):
        build(Narrower, {"rate": -1})


def test_a_default_for_an_unknown_key_is_refused():
    with pytest.raises(TypeError, match="'rat' is not one of its keys"):
        type("Wrong", (Example,), {"defaults": {"rat": 1}, "__module__": __name__})
