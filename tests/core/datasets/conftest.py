"""What the tests of archives share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """The data set's folder, with something beside it that an archive may reach for."""
    folder = tmp_path / "outer" / "set"
    folder.mkdir(parents=True)
    (tmp_path / "outer" / "secret").write_bytes(b"secret")
    return folder
