"""The list of runs in Python."""

from __future__ import annotations

import pytest
from written_runs import write_run

import nntasks as nt


def test_rows_with_facts_and_metrics(tmp_path, monkeypatch):
    for number, dice in enumerate((0.8, 0.95), 1):
        name = f"2026112{number}-120000-00000{number}"
        write_run(tmp_path / "runs", name, metrics={"dice": dice}, loss="focal", seed=number)
    monkeypatch.chdir(tmp_path)
    found = nt.runs(where="dice>0.5", sort="dice")
    assert isinstance(found, nt.api.Rows)
    assert found.column("dice") == [0.95, 0.8]
    assert found[0]["run"] == "runs/toy/20261122-120000-000002"
    assert nt.load(found[0]["run"]).metrics == {"dice": 0.95}
    short = nt.runs("runs", where=["loss=focal", "seed=1"], columns=["seed", "loss"], limit=3)
    assert short == [{"seed": 1, "loss": "focal"}]
    assert "0.9500" in found._repr_html_()
    with pytest.raises(nt.errors.UsageError, match="no run has 'dize'"):
        nt.runs(where="dize>1")
