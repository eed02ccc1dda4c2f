"""Runs that an earlier version stored are listed, chosen and compared by present names."""

from __future__ import annotations

import pytest
from written_runs import write_run

from nntasks import renaming
from nntasks.experiments.compared_runs import compare_runs
from nntasks.run_folder.present_keys import former_names, read_keys
from nntasks.run_list.query import Query


@pytest.fixture
def runs(tmp_path):
    """Two runs of `numpy_mlp`, the first of them stored before `layers` was renamed."""
    for number, key, sizes in ((1, "layers", [8, 4]), (2, "hidden_sizes", [16])):
        name = f"20261123-12000{number}-abcdef"
        metrics = {"accuracy": 0.8 + number / 100}
        write_run(tmp_path, name, task="numpy_mlp", metrics=metrics, seed=0, **{key: sizes})
    return sorted((tmp_path / "numpy_mlp").iterdir())


def test_stored_keys_have_present_names(runs):
    for run, sizes in zip(runs, ([8, 4], [16]), strict=True):
        assert read_keys(run) == {"task": "numpy_mlp", "seed": 0, "hidden_sizes": sizes}


def test_a_task_that_is_not_installed_keeps_its_names(tmp_path):
    run = write_run(tmp_path, "20261123-120000-abcdef", layers=[8])
    assert former_names("toy") == {}
    assert read_keys(run) == {"task": "toy", "layers": [8]}


def test_old_and_new_runs_are_chosen_and_sorted_together(tmp_path, runs):
    (old,) = Query(where=["hidden_sizes=8"]).answer(tmp_path)
    assert old.path == runs[0]
    assert old.row(["hidden_sizes"]) == {"hidden_sizes": [8, 4]}
    assert len(Query(where=["config.hidden_sizes!=9"], sort="hidden_sizes").answer(tmp_path)) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"where": ["layers=8"], "columns": ["layers"]},
        {"where": ["config.layers=8"], "sort": "layers", "columns": ["config.layers"]},
    ],
)
def test_the_former_name_is_taken_and_the_present_one_told(tmp_path, runs, caplog, query):
    renaming._tell_once.cache_clear()
    (old,) = Query(**query).answer(tmp_path)
    assert list(old.row(query["columns"]).values()) == [[8, 4]]
    assert [record.message for record in caplog.records] == ["layers is called hidden_sizes now"]


def test_a_comparison_has_one_row_for_the_key(runs):
    found = compare_runs(runs, None, None)
    assert [group.name for group in found.groups] == ["hidden_sizes=8,4", "hidden_sizes=16"]
    configuration = found.tables[0]
    assert [row[0] for row in configuration.rows if "size" in str(row[0])] == ["hidden_sizes"]
    assert "layers" not in str(configuration.rows)
