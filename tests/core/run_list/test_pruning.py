"""What would be removed, what is protected, and the removal."""

from __future__ import annotations

import os

import pytest
from written_runs import write_run

from nntasks.errors import UsageError
from nntasks.run_folder import tags
from nntasks.run_list.finding import find
from nntasks.run_list.pruning import Choice, plan, remove
from nntasks.storage import locks


def names(runs):
    return "".join(sorted(run.path.name[-1] for run in runs))


@pytest.mark.parametrize(
    ("choice", "removed", "kept"),
    [
        (Choice(("state=failed",)), "b", {}),
        (Choice(("state=damaged",)), "c", {}),
        (Choice(("loss=focal",)), "1b", {"latest": 1}),
        (Choice(("loss=focal",), latest=True), "13b", {}),
        (Choice(best=2), "1a", {"latest": 1, "best": 1, "without the metric": 2}),
        (Choice(best=0, latest=True), "123a", {"without the metric": 2}),
        (Choice(("dice<0.93",), best=1), "1a", {"latest": 1}),
        (Choice(best=1, metric="iou"), "1", {"latest": 1, "best": 1, "without the metric": 3}),
    ],
)
def test_the_plan(out, choice, removed, kept):
    found = plan(find(out), choice)
    assert names(found.removed) == removed
    assert found.kept == kept
    assert found.size == sum(run.size for run in found.removed) > 0


def test_each_task_keeps_its_best(out, tmp_path):
    for number in (1, 2):
        name = f"20261101-12000{number}-0000{number}f"
        write_run(out, name, task="other", metrics={"accuracy": number / 10})
    found = plan(find(out), Choice(best=1))
    assert names(found.removed) == "1af"
    assert {run.task for run in found.removed} == {"toy", "other"}


def test_tagged_and_running_runs_stay(out):
    first = out / "toy" / "20261121-120000-000001"
    tags.change(first, add=["paper"])
    lock = locks.acquire(out / "toy" / "20261124-120000-00000b", print)
    found = plan(find(out), Choice(("loss=focal",)))
    assert (names(found.removed), found.kept) == ("", {"running": 1, "latest": 1, "tagged": 1})
    found = plan(find(out), Choice(("loss=focal",), tagged=True, latest=True))
    assert (names(found.removed), found.kept) == ("13", {"running": 1})
    lock.release()


def test_nothing_that_says_which(out):
    with pytest.raises(UsageError, match="expected --where or --keep-best"):
        plan(find(out), Choice())
    with pytest.raises(UsageError, match=r"--by: no run has 'dicee'. Did you mean 'dice'"):
        plan(find(out), Choice(best=1, metric="dicee"))


def test_a_removed_run_is_gone_and_latest_names_another(out, capsys):
    runs = {run.path.name[-1]: run for run in find(out)}
    place = out / "toy"
    remove(runs["3"], print)
    assert not runs["3"].path.exists()
    assert os.readlink(place / "latest") == "20261125-120000-00000c"  # it has a summary.json
    for name in "c21":
        remove(runs[name], print)
    assert not (place / "latest").is_symlink()
    assert sorted(path.name for path in place.iterdir()) == [
        "20261124-120000-00000b",
        "ablate-12345678",
    ]


def test_a_run_that_is_used_meanwhile_is_not_removed(out):
    run = find(out)[-1]
    lock = locks.acquire(run.path, print)
    with pytest.raises(locks.InUse):
        remove(run, print)
    assert (run.path / "summary.json").is_file()
    lock.release()
