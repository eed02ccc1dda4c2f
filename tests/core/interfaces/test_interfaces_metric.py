"""Metrics: a fresh one has the settings and no state, and there is none without its laws."""

from __future__ import annotations

import pytest

from nntasks.interfaces.metric import Metric

METHODS = ("reset", "update", "merge", "compute", "definitions")


class Seen(Metric):
    def __init__(self, names):
        self.names = names
        self.reset()

    def reset(self):
        self.ids = []

    def update(self, predictions, targets, ids):
        self.ids += ids

    def merge(self, other):
        self.ids += other.ids

    def compute(self):
        return {"seen": float(len(self.ids))}

    def definitions(self):
        return {"seen": "how many"}


def test_a_fresh_metric_keeps_the_settings_and_shares_nothing():
    metric = Seen(["a"])
    metric.update(None, None, [1, 2])
    twin = metric.fresh()
    assert type(twin) is Seen
    assert (twin.names, twin.compute()) == (["a"], {"seen": 0.0})
    twin.names.append("b")
    twin.update(None, None, [3])
    assert (metric.names, metric.ids) == (["a"], [1, 2])


def test_there_are_no_intervals_unless_a_metric_gives_some():
    assert Seen([]).intervals() == {}


@pytest.mark.parametrize("lacking", METHODS)
def test_a_metric_defines_all_of_its_methods(lacking):
    members = {name: lambda self, *given: None for name in METHODS if name != lacking}
    with pytest.raises(TypeError, match=lacking):
        type("Half", (Metric,), members)()
