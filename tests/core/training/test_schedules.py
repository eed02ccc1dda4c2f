"""Schedules of the learning rate."""

from __future__ import annotations

import itertools

import pytest

from nntasks.training.config import TrainingConfig
from nntasks.training.schedules import factor

pytestmark = pytest.mark.usefixtures("toy")


class TestSchedules:
    def config(self, **keys):
        return TrainingConfig(epochs=10, **keys)

    def curve(self, **keys):
        return [factor(self.config(**keys), step, 20) for step in range(200)]

    @pytest.mark.parametrize("name", ["linear", "cosine", "one_cycle"])
    def test_end_at_the_final_share(self, name):
        assert self.curve(schedule=name, lr_final=0.05)[-1] == pytest.approx(0.05)

    @pytest.mark.parametrize("name", ["constant", "linear", "cosine", "step", "plateau"])
    def test_start_at_the_peak(self, name):
        assert self.curve(schedule=name)[0] == 1

    def test_warm_up_rises_linearly_to_the_peak(self):
        curve = self.curve(schedule="cosine", warmup_epochs=2)
        steps = [b - a for a, b in itertools.pairwise(curve[:40])]
        assert max(steps) - min(steps) < 1e-12
        assert max(curve) == curve[40] == 1

    def test_steps_drop_by_their_factor(self):
        curve = self.curve(schedule="step", step_epochs=4, step_factor=0.5)
        assert [curve[0], curve[79], curve[80], curve[160]] == [1, 1, 0.5, 0.25]

    def test_one_cycle_rises_then_falls(self):
        curve = self.curve(schedule="one_cycle")
        top = curve.index(max(curve))
        assert curve[:top] == sorted(curve[:top])
        assert curve[top:] == sorted(curve[top:], reverse=True)
        assert 50 < top < 70
