"""Folders of parts, in any usual spelling."""

from __future__ import annotations

import pytest

from nntasks.datasets.part_names import part_folders, part_of
from nntasks.errors import UsageError


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("VAL", "validation"),
        ("valid", "validation"),
        ("Validation", "validation"),
        ("TEST", "test"),
        ("testing", "test"),
        ("trains", None),
        ("cats", None),
    ],
)
def test_names(name, part):
    assert part_of(name) == part


def test_folders(tmp_path):
    for name in ("Train", "cats", "TESTING", ".val"):
        (tmp_path / name).mkdir()
    (tmp_path / "val").write_text("a file")
    assert part_folders(tmp_path) == {"train": tmp_path / "Train", "test": tmp_path / "TESTING"}
    (tmp_path / "test").mkdir()
    with pytest.raises(UsageError, match="one folder of the test part, got TESTING and test"):
        part_folders(tmp_path)
