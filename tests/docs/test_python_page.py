"""The code of docs/python.md, run as it stands."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

PAGE = ROOT / "docs" / "python.md"


@pytest.mark.slow
def test_every_block_runs(tmp_path):
    pytest.importorskip("PIL")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    (tmp_path / "data").symlink_to(ROOT / "data")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=cli_environment(()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (tmp_path / "thresholds.pdf").is_file()
