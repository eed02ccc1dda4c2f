"""Data: what a split and a data set must define, and what they have by default."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.config import Options
from nntasks.interfaces.data import Batch, DataFile, DataInfo, Dataset, Split
from nntasks.interfaces.yardsticks import Reference
from nntasks.seeding import Seeds


class Numbers(Split):
    def __init__(self):
        self.values, self.names = np.arange(3), ["a", "b", "c"]

    def __len__(self):
        return 3

    def batch(self, indices, *, epoch=None):
        return Batch(self.values[list(indices)], None, [self.names[i] for i in indices])


class Plain(Dataset):
    def load(self, root):
        return None


class Declared(Plain):
    folder = "points"
    files = (DataFile("points.npy", 10, "0" * 64),)
    published = (Reference("accuracy", 0.9, "a paper"),)


class Free(Plain):
    folder = "points"


@pytest.mark.parametrize("lacking", ["__len__", "batch"])
def test_a_split_needs_a_length_and_batches(lacking):
    members = {"__len__": lambda self: 1, "batch": lambda self, indices: None}
    del members[lacking]
    with pytest.raises(TypeError, match=lacking):
        type("Half", (Split,), members)()


def test_by_default_a_split_is_identified_by_all_that_it_holds():
    split = Numbers()
    assert split.contents() == {"values": split.values, "names": ["a", "b", "c"]}


def test_a_data_set_needs_to_load():
    with pytest.raises(TypeError, match="load"):
        Dataset(Options(), Seeds(0))


def test_a_data_set_has_its_options_and_the_seeds_of_the_run():
    options, seeds = Options(), Seeds(3)
    made = Plain(options, seeds)
    assert made.options is options
    assert made.seeds is seeds


def test_published_values_hold_with_all_options_by_default():
    assert Declared.published_for(Options()) == Declared.published
    assert Plain.published_for(Options()) == ()


@pytest.mark.parametrize(
    ("kind", "exists", "found"),
    [(Free, True, True), (Free, False, False), (Declared, True, False)],
)
def test_a_folder_without_declared_files_is_taken_as_it_is(tmp_path, kind, exists, found):
    if exists:
        (tmp_path / "points").mkdir()
    assert kind.other_form(tmp_path) == (tmp_path / "points" if found else None)
    assert kind.check_other_form(tmp_path) is None  # by default nothing is wrong with it


def test_descriptions_do_not_share_their_details():
    one, other = DataInfo(), DataInfo()
    assert one == other
    assert one.details is not other.details


def test_a_file_is_brought_by_the_user_unless_it_has_an_address():
    file = DataFile("a.npy", 1, "0" * 64)
    assert (file.url, file.archive) == ("", False)
