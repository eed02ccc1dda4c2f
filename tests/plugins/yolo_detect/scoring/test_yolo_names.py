"""The names of YOLO's classes: where they are looked for, and files without any."""

from __future__ import annotations

import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.scoring.yolo_names import class_names


@pytest.fixture
def labels(tmp_path):
    """Return the folder of labels, three below the root."""
    folder = tmp_path / "set" / "labels" / "val"
    folder.mkdir(parents=True)
    return folder


def names_of(labels, names=None):
    faults = Faults()
    found = class_names(labels, names, faults)
    faults.refuse()
    return found


@pytest.mark.parametrize("above", [0, 1, 2])
def test_lists_in_the_folder_or_two_above(labels, above):
    assert names_of(labels) is None
    folder = [labels, *labels.parents][above]
    (folder / "classes.txt").write_text("\ufeffcat\n\n  dog \n", encoding="utf-8")
    assert names_of(labels) == ("cat", "dog")


def test_a_file_three_above_is_of_something_else(labels, tmp_path):
    (tmp_path / "classes.txt").write_text("cat\n")
    assert names_of(labels) is None


def test_the_nearest_file_and_the_list_come_first(labels):
    (labels.parent / "classes.txt").write_text("far\n")
    (labels / "data.yaml").write_text("names: [near]\n")
    assert names_of(labels) == ("near",)
    (labels / "classes.txt").write_text("list\n")
    assert names_of(labels) == ("list",)


def test_a_file_that_was_given_comes_before_all(labels, tmp_path):
    (labels / "classes.txt").write_text("cat\n")
    given = tmp_path / "given.YAML"
    given.write_text("names: {1: dog, 0: cow}\n")
    assert names_of(labels, given) == ("cow", "dog")


def test_shared_names_are_told_apart(labels):
    (labels / "classes.txt").write_text("cat\ncat\n")
    assert names_of(labels) == ("cat (0)", "cat (1)")


def test_an_empty_list_is_refused(labels):
    (labels / "classes.txt").write_text("\n \n")
    with pytest.raises(UsageError, match=r"classes\.txt: expected one class name per line, the fi"):
        names_of(labels)
