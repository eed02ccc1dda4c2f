"""Keys under their former names."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from nntasks import renaming
from nntasks.api import calls
from nntasks.errors import UsageError
from nntasks.experiments.key_fields import with_present_names
from nntasks.experiments.searches import define_search
from nntasks.runner import make_task

RENAMED = {"layers": "hidden_sizes"}


@pytest.fixture(autouse=True)
def untold() -> None:
    renaming._tell_once.cache_clear()


def test_the_user_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        assert renaming.present_name(RENAMED, "layers", {"layers": "8"}) == "hidden_sizes"
    assert [record.getMessage() for record in caplog.records] == [
        "layers is called hidden_sizes now"
    ]
    assert caplog.records[0].levelno == logging.WARNING


def test_other_keys_keep_their_names_and_their_places(caplog: pytest.LogCaptureFixture) -> None:
    given = {"lr": "1", "layers": "8", "seed": "3"}
    found = renaming.typed_keys(RENAMED, given)
    assert list(found.items()) == [("lr", "1"), ("hidden_sizes", "8"), ("seed", "3")]
    assert len(caplog.records) == 1


def test_a_key_by_both_names_is_refused() -> None:
    with pytest.raises(UsageError, match=r"data\.layers is called data\.hidden_sizes now; give it"):
        renaming.present_name(RENAMED, "layers", {"layers": 1, "hidden_sizes": 2}, "data.")


class TestOfTheNetwork:
    """`layers` of numpy_mlp is called `hidden_sizes` now."""

    def test_a_run(self) -> None:
        config = make_task("numpy_mlp", [{"layers": "8,4"}]).config
        assert config.hidden_sizes == (8, 4)

    def test_an_ablation_from_the_command_line(self) -> None:
        words = with_present_names(make_task("numpy_mlp", []), ["layers=8:9", "epochs=1"])
        assert words == ["hidden_sizes=8:9", "epochs=1"]

    def test_an_ablation_from_python(self) -> None:
        _, words = calls._as_typed("numpy_mlp", {"layers": [(8,), (9,)], "epochs": 1})
        assert words == ["hidden_sizes=8:9", "epochs=1"]

    def test_a_search(self, tmp_path: Path) -> None:
        keys, spaces = ["epochs=1"], ["layers=8:9"]
        search = define_search("numpy_mlp", keys, spaces, None, tmp_path)
        assert list(search.space) == ["hidden_sizes"]
