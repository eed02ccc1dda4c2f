"""A search from the keys and ranges of a user: all valid before the first trial."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.experiments.searches import define_search
from nntasks.experiments.space import Choice, Range


@pytest.fixture
def define(toy, tmp_path):
    def call(keys=(), spaces=(), metric=None, task="toy", **more):
        return define_search(task, list(keys), list(spaces), metric, tmp_path, **more)

    return call


def test_what_is_given_is_what_is_searched(define, tmp_path):
    search = define(["epochs=1"], ["width=4,8", "lr=1e-3:1e-1:log"], storage="sqlite:///x", seed=3)
    assert search.fixed == {"epochs": "1"}
    assert search.space == {"width": Choice(("4", "8")), "lr": Range(1e-3, 0.1, log=True)}
    assert (search.task, search.metric, search.out) == ("toy", "accuracy", tmp_path)
    assert (search.storage, search.seed) == ("sqlite:///x", 3)


def test_the_space_of_the_task_without_what_is_fixed(define, monkeypatch):
    from nntasks_toy.task import Toy

    monkeypatch.setattr(Toy, "search_space", lambda self: {"width": "2:64", "lr": "0.1,0.2"})
    assert define(["width=4"]).space == {"lr": Choice(("0.1", "0.2"))}
    assert set(define().space) == {"width", "lr"}


@pytest.mark.parametrize(
    ("keys", "spaces", "message"),
    [
        ((), (), "toy has no default search space; give --space lr=1e-4:1e-1:log"),
        (("width=4",), ("width=4,8",), "width is both fixed and searched; give it once"),
        ((), ("wdith=4,8",), "unknown key wdith"),
        ((), ("width=4,400",), "width"),
        ((), ("width=0:8",), "width"),
        (("data.points=64",), ("data.points=2:64",), "data.points is both"),
        (("width=many",), ("lr=1,2",), "width"),
    ],
)
def test_what_is_refused(define, keys, spaces, message):
    with pytest.raises(UsageError, match=message):
        define(keys, spaces)


def test_an_unknown_metric(define):
    with pytest.raises(UsageError, match="acc"):
        define((), ("width=4,8",), "acc")


def test_a_task_without_a_headline_needs_a_metric(define, monkeypatch):
    from nntasks_toy.task import Toy

    monkeypatch.setattr(Toy, "headline", ())
    with pytest.raises(UsageError, match="toy has no headline metric; give --metric"):
        define((), ("width=4,8",))
    assert define((), ("width=4,8",), "accuracy").metric == "accuracy"
