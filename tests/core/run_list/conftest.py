"""A folder of runs of every kind."""

from __future__ import annotations

import pytest
from written_runs import write_run


@pytest.fixture
def out(tmp_path):
    """Return a folder of six runs, of which four are finished."""
    folder = tmp_path / "runs"
    for number, (dice, loss) in enumerate(((0.8, "focal"), (0.95, "dice"), (0.9, "focal")), 1):
        name = f"2026112{number}-120000-00000{number}"
        metrics = {"dice": dice, "iou": dice / 2, "undefined": None}
        write_run(folder, name, metrics=metrics, loss=loss, iou=0.5, layers=[64, 10], seed=number)
    nested = folder / "toy" / "ablate-12345678" / "runs" / "a" / "seed0"
    write_run(nested, "20261120-120000-00000a", metrics={"dice": 0.5}, loss="bce", residual=True)
    write_run(folder, "20261124-120000-00000b", log="stopped: out of memory", loss="focal")
    damaged = write_run(folder, "20261125-120000-00000c", metrics={"dice": 1.0})
    (damaged / "summary.json").write_text('{"task": "to')
    (folder / "toy" / "latest").symlink_to("20261123-120000-000003")
    return folder
