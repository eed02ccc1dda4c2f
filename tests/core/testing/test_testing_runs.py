"""The checks of runs: a resumed one equals an undisturbed one, two processes equal one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nntasks.interfaces import Batch, Metric, Model, Split
from nntasks.runner import make_task
from nntasks.testing import check_processes, check_resume


class Numbers(Split):
    def __len__(self):
        return 40

    def batch(self, indices, *, epoch=None):
        return Batch(np.array(indices, float), None, list(indices))


class Echo(Model):
    seen = 0

    def fit(self, train, *, validation, run): ...

    def predict(self, batch):
        self.seen = max(self.seen, *batch.ids)
        return batch.inputs.tolist()

    def state(self):
        return {}

    def load_state(self, state): ...


class Sum(Metric):
    def __init__(self):
        self.reset()

    def reset(self):
        self.total, self.kept = 0.0, None

    def update(self, predictions, targets, ids):
        self.total += sum(predictions)

    def merge(self, other):
        self.total += other.total

    def compute(self):
        return {"sum": self.total}

    def definitions(self):
        return {"sum": "the sum"}


class Forgets(Sum):
    def merge(self, other):
        pass


class Unsendable(Sum):
    def update(self, predictions, targets, ids):
        self.kept = lambda: None


class TestProcesses:
    def test_a_right_metric_passes_on_a_few_samples(self):
        model = Echo()
        check_processes(model, Numbers(), {"sum": Sum()})
        assert model.seen == 23

    def test_a_metric_that_forgets_the_other_process(self):
        with pytest.raises(AssertionError, match="two processes must measure what one does: sum"):
            check_processes(Echo(), Numbers(), {"sum": Forgets()})

    def test_a_metric_that_cannot_travel(self):
        with pytest.raises(AssertionError, match="metrics travel between processes by pickle"):
            check_processes(Echo(), Numbers(), {"sum": Unsendable()})


class TestResume:
    KEYS = {"data": "xor", "data.points": 32, "hidden_sizes": "4", "batch_size": 8}

    @pytest.fixture
    def task(self):
        return make_task("numpy_mlp", [self.KEYS])

    def test_a_right_model_passes(self, task):
        check_resume(task)

    def test_without_a_training_split_nothing_is_checked(self, task):
        splits = replace(task.load_data(), train=None)
        check_resume(task, splits)

    def test_a_training_that_depends_on_global_chance(self, task, monkeypatch):
        kind = type(task.build_model(task.load_data().info))
        honest = kind.fit

        def fit(self, *given, **named):
            self.load_state({k: v + np.random.rand() for k, v in self.state().items()})  # noqa: NPY002
            honest(self, *given, **named)

        monkeypatch.setattr(kind, "fit", fit)
        with pytest.raises(AssertionError, match="a resumed training must equal an und"):
            check_resume(task)
