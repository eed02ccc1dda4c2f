"""The metric that a user names: refused before a run where it can be known, else after one."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.experiments.metric_names import check_metric, require_metric
from nntasks.runner import make_task

XOR = {"data": "xor", "epochs": "1"}


def test_a_near_name_is_suggested_and_all_are_listed():
    message = r"^--metric: expected one of dice, iou, got dicee\. Did you mean 'dice'\?$"
    with pytest.raises(UsageError, match=message):
        require_metric("dicee", ["dice", "iou"])
    with pytest.raises(UsageError, match=r"^--metric: expected one of dice, iou, got foo$"):
        require_metric("foo", ["dice", "iou"])
    require_metric("iou", ["dice", "iou"])


def test_the_names_of_a_task_are_those_of_its_metrics():
    task = make_task("numpy_mlp", [XOR])
    with pytest.raises(UsageError, match=r"expected one of .*accuracy.*, got accurac\. Did you"):
        check_metric(task, "accurac")
    with pytest.raises(UsageError, match="got loss"):
        check_metric(task, "loss")
    for name in (None, "accuracy", "f1_macro"):
        check_metric(task, name)
    check_metric(task, "loss", others=["loss"])


def test_data_that_are_elsewhere_leave_the_name_to_the_first_run(toy):
    check_metric(make_task("toy", [{"data": "absent"}]), "speed")


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    "words",
    [
        ("tune", "toy", "--space", "width=4,8", "--trials", "1"),
        ("ablate", "toy", "width=4,8", "seeds=1"),
    ],
)
def test_no_run_starts_for_an_unknown_metric(cli_here, tmp_path, words, more):
    words = (*words, "epochs=1", "data.points=64", "--metric", "accurac", *more)
    done = cli_here(*words, "--out", tmp_path / "runs")
    assert done.returncode == 2, done.stderr
    assert done.stderr == (
        "nntasks: --metric: expected one of accuracy, got accurac. Did you mean 'accuracy'?\n"
    )
    assert not (tmp_path / "runs").exists()
