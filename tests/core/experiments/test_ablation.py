"""What an ablation says of runs that it did not have to carry out here."""

from __future__ import annotations

import pytest

from nntasks.experiments import ablation
from nntasks.experiments.key_fields import fields_of
from nntasks.experiments.launching import Choice
from nntasks.experiments.plan import grid
from nntasks.experiments.records import Record
from nntasks.runner import make_task

COMPARED = ablation.Compared(metric=None, success=0.5)


@pytest.fixture
def finished(monkeypatch, tmp_path):
    """Let every run of a plan be finished, with the given numbers."""

    def finish(metrics, headline=()):
        summary = {"seed": 0, "seconds": 1.0, "headline": list(headline), "metrics": metrics}
        monkeypatch.setattr(ablation.PlannedRun, "finished", lambda run: tmp_path)
        monkeypatch.setattr(ablation, "read_record", lambda path: Record(path, {}, summary, ()))

    return finish


def test_runs_without_a_number_are_no_error(finished, tmp_path):
    finished({})
    words = ("lr=0.1,0.2", "seeds=1")
    plan = grid("numpy_mlp", fields_of(make_task("numpy_mlp", []), words), words)
    told = []
    result = ablation.ablate(
        plan, tmp_path, launcher=Choice(), compared=COMPARED, command=(), say=told.append
    )
    assert result.sentences == ("these runs have no test metrics, so there is nothing to compare",)
    assert (result.folder / "results.json").is_file()


def test_successes_are_counted_by_variant(finished, tmp_path):
    finished({"accuracy": 0.6}, ("accuracy",))
    words = ("lr=0.1,0.2", "seeds=1")
    plan = grid("numpy_mlp", fields_of(make_task("numpy_mlp", []), words), words)
    result = ablation.ablate(
        plan, tmp_path, launcher=Choice(), compared=COMPARED, command=(), say=[].append
    )
    found = result.results["success"]
    assert (found["metric"], found["threshold"]) == ("accuracy", 0.5)
    assert [row["successes"] for row in found["variants"].values()] == [1, 1]
    assert [table.name for table in result.tables] == ["comparison", "success"]
