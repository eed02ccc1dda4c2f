"""The verbs as calls: the same keys, the same results."""

from __future__ import annotations

import json

import pytest

import nntasks as nt

QUICK = {"epochs": 1, "data_options": {"points": 64}}
NETWORK = {"epochs": 1, "hidden_sizes": (64, 10)}


def test_compare_writes_a_report_only_where_asked(toy, tmp_path):
    runs = [nt.run("toy", out=tmp_path, seed=seed, **QUICK) for seed in (0, 1)]
    runs.append(nt.run("toy", out=tmp_path, ema=0.5, **QUICK))
    found = nt.compare(*runs, out=tmp_path / "c.html")
    assert len(found.groups) == 2
    assert found.tables["metrics"]
    assert (tmp_path / "c.html").is_file()
    assert "ema" in found._repr_html_()
    before = sorted(tmp_path.iterdir())
    assert nt.compare(*runs).groups == found.groups
    assert sorted(tmp_path.iterdir()) == before


def test_verify_checks_a_result_again(toy, tmp_path):
    done = nt.run("toy", out=tmp_path, **QUICK)
    found = nt.verify(done, replay=True)
    assert found.passed
    assert found.verdict().startswith("the same to the last bit: ")
    assert found.replay.steps > 0
    assert nt.verify(done.folder).replay is None


def test_a_wrong_key_is_refused_as_on_the_command_line(toy, tmp_path):
    with pytest.raises(nt.errors.UsageError, match=r"unknown key epoch. Did you mean 'epochs'"):
        nt.run("toy", out=tmp_path, epoch=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ablate_compares_lists_and_runs_nothing_twice(tmp_path):
    keys = {"lr": [0.1, 0.02], **NETWORK}
    done = nt.ablate("numpy_mlp", out=tmp_path, seeds=2, **keys)
    assert len(list(done.folder.glob("runs/*/*/numpy_mlp/2*/summary.json"))) == 4
    assert done.results == json.loads((done.folder / "results.json").read_text())
    again = nt.ablate("numpy_mlp", out=tmp_path, seeds=2, **keys)
    assert len(list(again.folder.glob("runs/*/*/numpy_mlp/2*/summary.json"))) == 4
    assert again.sentences == done.sentences
    with pytest.raises(nt.errors.UsageError, match="nothing to compare"):
        nt.ablate("numpy_mlp", out=tmp_path, **NETWORK)


@pytest.mark.slow
def test_tune_finds_the_best_keys(tmp_path):
    pytest.importorskip("optuna")
    found = nt.tune("numpy_mlp", space={"lr": [0.1, 0.02]}, trials=2, out=tmp_path, **NETWORK)
    assert len(found.trials) == 2
    best = max(found.trials, key=lambda trial: trial["accuracy"])
    assert found.best["lr"] == best["lr"]
    assert (found.folder / "best.yaml").is_file()
