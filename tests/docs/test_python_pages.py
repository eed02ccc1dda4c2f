"""The code of the pages on Python, run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

PAGES = {"python.md": 5, "by-hand.md": 10, "scikit-learn.md": 4}  # with the least number of blocks
BLOCK = re.compile(r"```python( needs-data)?\n(.*?)```", re.DOTALL)
SMALL_RUN = """
import nntasks as nt
options = {"train": 16, "validation": 4, "test": 8, "size": 96}
nt.run("yolo_detect", epochs=1, batch_size=8, data_options=options)
"""


def link_data(folder):
    """Make the files that the pages name appear in a folder; return whether real data are there."""
    (folder / "data").symlink_to(ROOT / "data")
    named = os.environ.get("NNTASKS_DATA", "")
    real = ROOT.parent / "shared" / "data" if not named else ROOT / named
    if not (real / "coco128").is_dir():
        return False
    (folder / "coco128").symlink_to(real / "coco128")
    (folder / "yolov5n.safetensors").symlink_to(real / "yolov5n" / "yolov5n.safetensors")
    return True


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(page, tmp_path):
    pytest.importorskip("PIL")
    has_data = link_data(tmp_path)
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert len(blocks) >= PAGES[page]
    code = [text for needs_data, text in blocks if has_data or not needs_data]
    before = [SMALL_RUN] if page == "by-hand.md" else []
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*before, *code])],
        cwd=tmp_path,
        env=cli_environment(()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert page != "python.md" or (tmp_path / "thresholds.pdf").is_file()
