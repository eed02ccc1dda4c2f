"""Tags are added, removed and kept apart from what is checked by checksums."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder, tags
from nntasks.storage import checksums


def test_tags_are_added_and_removed(tmp_path):
    assert tags.read(tmp_path) == ()
    assert tags.change(tmp_path, add=["paper-1", "best", "best"]) == ("best", "paper-1")
    assert tags.change(tmp_path, add=["v1.0+x"], remove=["best", "none"]) == ("paper-1", "v1.0+x")
    assert (tmp_path / "tags.txt").read_text() == "paper-1\nv1.0+x\n"


@pytest.mark.parametrize("tag", ["", "a b", "a,b", "a/b", "x" * 61, "a\nb"])
def test_a_bad_tag_changes_nothing(tmp_path, tag):
    tags.change(tmp_path, add=["best"])
    with pytest.raises(UsageError, match=r"expected a tag of up to 60 letters"):
        tags.change(tmp_path, add=["good", tag])
    assert tags.read(tmp_path) == ("best",)


def test_a_tag_is_no_damage_to_a_run(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    tags.change(tmp_path, add=["early"])
    RunFolder(tmp_path).write_checksums()
    tags.change(tmp_path, add=["late"])
    assert list(checksums.damages(tmp_path)) == []
