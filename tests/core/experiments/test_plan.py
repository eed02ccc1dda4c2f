"""Reading grids and ladders."""

from __future__ import annotations

import pytest
from pydantic import Field

from nntasks.config import Floats, Integers, Names, TaskConfig
from nntasks.errors import UsageError
from nntasks.experiments.key_fields import takes_commas
from nntasks.experiments.plan import grid, ladder


class Schema(TaskConfig):
    layers: Integers = Field((64, 10), description="units")
    rates: Floats | None = Field(None, description="rates")
    words: Names = Field((), description="words")
    norm: str = Field("none", description="norm")


FIELDS = Schema.model_fields


class TestGrid:
    def test_every_combination_the_first_values_first(self):
        plan = grid("toy", FIELDS, ["norm=none,batch", "lr=1,2", "epochs=3", "seeds=2"])
        assert [variant.name for variant in plan.variants] == [
            "norm=none lr=1",
            "norm=none lr=2",
            "norm=batch lr=1",
            "norm=batch lr=2",
        ]
        assert plan.fixed == {"epochs": "3"}
        assert plan.seeds == (0, 1)
        assert plan.keys(plan.variants[2]) == {"epochs": "3", "norm": "batch", "lr": "1"}
        assert {variant.baseline for variant in plan.variants} == {0}

    def test_values_of_keys_that_take_lists_are_separated_by_colons(self):
        assert [takes_commas(FIELDS, key) for key in ("layers", "rates", "words", "norm", "x")] == [
            True,
            True,
            True,
            False,
            False,
        ]
        plan = grid("toy", FIELDS, ["layers=64,10:32,32,10", "seeds=3,7"])
        assert [variant.keys["layers"] for variant in plan.variants] == ["64,10", "32,32,10"]
        assert plan.seeds == (3, 7)

    def test_seeds_alone_are_one_variant(self):
        plan = grid("toy", FIELDS, ["norm=batch", "seeds=3"])
        assert [(variant.name, dict(variant.keys)) for variant in plan.variants] == [
            ("as given", {})
        ]
        assert plan.fixed == {"norm": "batch"}
        assert plan.seeds == (0, 1, 2)

    def test_the_same_runs_have_the_same_id(self):
        one = grid("toy", FIELDS, ["norm=a,b", "epochs=3", "seeds=2"])
        same = grid("toy", FIELDS, ["epochs=3", "seeds=2", "norm=a,b"])
        other = grid("toy", FIELDS, ["norm=a,b", "epochs=4", "seeds=2"])
        assert one.id == same.id != other.id

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["norm=none"], "nothing to compare: give a key several values"),
            (["norm=a,b", "seed=3"], "an ablation takes seeds=5 or seeds=3,7"),
            (
                ["norm=a,b", "seeds=few"],
                "seeds: expected a count, or seeds such as 3,7,11, got 'few'",
            ),
            (["norm=a,b", "seeds=0"], "seeds: expected a count of at least 1"),
            (
                ["norm=a,b", "seeds=3,3"],
                "seeds: expected a count of at least 1, or different seeds",
            ),
            (["norm=a,a"], "two variants have the same name"),
            (["norm=a,b", "seeds=9999"], "are more than 10000 runs"),
            (["norm"], "expected key=value, got 'norm'"),
        ],
    )
    def test_what_is_refused(self, words, message):
        with pytest.raises(UsageError, match=message):
            grid("toy", FIELDS, words)


LADDER = """
task: toy
seeds: 3
common: {epochs: 2}
rungs:
  - {name: plain, set: {width: 4}}
  - {name: + wide, set: {width: 16}}
  - {name: + average, set: {ema: 0.5, layers: [3, 4], flag: true}}
"""


class TestLadder:
    def test_each_rung_changes_the_one_before_and_is_compared_with_it(self, tmp_path):
        file = tmp_path / "ladder.yaml"
        file.write_text(LADDER)
        plan = ladder("toy", file, ["epochs=1"])
        assert [variant.name for variant in plan.variants] == ["plain", "+ wide", "+ average"]
        assert [variant.baseline for variant in plan.variants] == [0, 0, 1]
        assert plan.keys(plan.variants[2]) == {
            "epochs": "1",
            "width": "16",
            "ema": "0.5",
            "layers": "3,4",
            "flag": "true",
        }
        assert plan.seeds == (0, 1, 2)
        assert ladder("toy", file, ["seeds=1"]).seeds == (0,)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("rungs: [{name: a, set: {}}]", "expected `rungs:` with two or more entries"),
            (LADDER + "colour: red", "got colour"),
            (LADDER.replace("task: toy", "task: other"), "is a ladder of other, not of toy"),
            (LADDER.replace("set: {width: 4}", "with: 4"), "rung 1 must have `name` and `set`"),
            (LADDER.replace("{width: 4}", "[1]"), "expected `key: value` lines"),
            ("", "got nothing"),
            (LADDER.replace("+ wide", "plain"), "two variants have the same name: plain, plain"),
            (LADDER.replace("width: 16", "width: 4"), "two variants have the same keys"),
        ],
    )
    def test_what_is_refused(self, tmp_path, text, message):
        file = tmp_path / "ladder.yaml"
        file.write_text(text)
        with pytest.raises(UsageError, match=message):
            ladder("toy", file, [])
