"""Folders of classes: parts in any usual spelling, what is passed over, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.classification.data.folders import ClassFolders
from nntasks.seeding import Seeds


def load(**options):
    return ClassFolders(ClassFolders.Config(**options), Seeds(0)).load(None)


@pytest.fixture
def folders(tmp_path):
    """Make eight pictures of each of two classes."""
    for name, grey in (("cat", 40), ("dog", 200)):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(8):
            colour = np.full((10, 12, 3), grey + number, np.uint8)
            Image.fromarray(colour).save(tmp_path / "set" / name / f"{number}.png")
    return tmp_path / "set"


class TestFolders:
    def test_classes_in_alphabetical_order(self, folders):
        splits = load(path=folders, test=0.25, validation=0.2)
        assert splits.info.classes == ("cat", "dog")
        assert splits.info.input_shape == (10, 12, 3)
        assert (len(splits.train), len(splits.validation), len(splits.test)) == (10, 2, 4)
        assert sorted(splits.test.ids)[0].startswith("cat/")

    def test_train_and_test_folders_are_taken_as_they_are(self, folders, tmp_path):
        (tmp_path / "both").mkdir()
        folders.rename(tmp_path / "both" / "train")
        for name in ("cat", "dog"):
            (tmp_path / "both" / "test" / name).mkdir(parents=True)
            Image.new("L", (30, 10)).save(tmp_path / "both" / "test" / name / "x.png")
        with pytest.raises(
            UsageError, match=r"train are 12 x 10, those of test 30 x 10; give data"
        ):
            load(path=tmp_path / "both")
        splits = load(path=tmp_path / "both", size=16, mode="grey", validation=0)
        assert len(splits.train) == 16
        assert splits.test.ids == ["cat/x.png", "dog/x.png"]
        assert splits.info.input_shape == (16, 16, 1)

    def test_mixed_sizes(self, folders):
        Image.new("RGB", (5, 6)).save(folders / "dog" / "9.png")
        with pytest.raises(
            UsageError, match=r"dog/9.png has 5 x 6 pixels, but cat/0.png has 12 x 10"
        ):
            load(path=folders)

    def test_a_mode_without_a_scale(self, folders):
        Image.new("I;16", (12, 10)).save(folders / "dog" / "9.png")
        with pytest.raises(UsageError, match="expected 8 bits a colour, got 16"):
            load(path=folders)

    def test_an_empty_class(self, folders):
        (folders / "emu").mkdir()
        with pytest.raises(UsageError, match=r"emu: expected pictures \(.jpg"):
            load(path=folders)

    def test_a_truncated_picture(self, folders):
        path = folders / "cat" / "0.png"
        path.write_bytes(path.read_bytes()[:40])
        with pytest.raises(UsageError, match=r"cannot read .*0.png"):
            load(path=folders)

    def test_one_class_alone_and_no_folder(self, folders, tmp_path):
        with pytest.raises(UsageError, match="expected two or more folders, one per class, got 1"):
            load(path=tmp_path)
        with pytest.raises(UsageError, match=r"data\.path: expected a folder, found none at"):
            load(path=tmp_path / "nowhere")
        with pytest.raises(
            UsageError, match=r"data\.path: expected a folder with one subfolder per class"
        ):
            load()


def pictures(folder, count, grey):
    """Write pictures of one shade, all different: 0.png, 1.png, ..."""
    folder.mkdir(parents=True)
    for number in range(count):
        Image.new("RGB", (6, 5), (grey + number,) * 3).save(folder / f"{number}.png")


@pytest.fixture
def parts(tmp_path):
    """Return a function that makes parts of two classes: {name of the folder: pictures a class}."""

    def make(**counts):
        for name, count in counts.items():
            for place, animal in enumerate(("ants", "bees")):
                pictures(tmp_path / "set" / name / animal, count, 20 + 100 * place)
        return tmp_path / "set"

    return make


def sizes(splits):
    return [len(part) for part in (splits.train, splits.validation, splits.test)]


class TestParts:
    @pytest.mark.parametrize(
        ("train", "validation"),
        [("train", "val"), ("Train", "Valid"), ("TRAINING", "validation"), ("training", "VAL")],
    )
    @pytest.mark.parametrize("test", ["test", "Testing", "TEST"])
    def test_three_parts_are_taken_as_they_are(self, parts, train, validation, test):
        splits = load(path=parts(**{train: 4, validation: 2, test: 3}))
        assert splits.info.classes == ("ants", "bees")
        assert sizes(splits) == [8, 4, 6]
        assert splits.test.ids == [f"{name}/{n}.png" for name in ("ants", "bees") for n in range(3)]

    def test_validation_pictures_serve_as_the_test(self, parts):
        splits = load(path=parts(train=4, val=2))
        assert sizes(splits) == [8, 4, 4]
        assert splits.test is splits.validation

    def test_validation_pictures_are_cut_off_where_there_are_none(self, parts):
        assert sizes(load(path=parts(Training=10, Testing=2), validation=0.2)) == [16, 4, 4]

    def test_training_pictures_alone_are_cut(self, parts, caplog):
        splits = load(path=parts(train=10), test=0.2, validation=0.25)
        assert sizes(splits) == [12, 4, 4]
        assert splits.info.classes == ("ants", "bees")
        assert "training pictures alone" in caplog.text

    @pytest.mark.parametrize(
        ("counts", "said"),
        [
            ({"val": 1, "test": 1}, "expected a folder train beside test and val"),
            ({"train": 1, "cats": 1, "val": 1}, "train and val are named like .*, cats are not"),
            ({"val": 1, "valid": 1, "train": 1}, "one folder of the validation part, got val and"),
        ],
    )
    def test_mixtures_are_refused(self, parts, counts, said):
        with pytest.raises(UsageError, match=said):
            load(path=parts(**counts))

    def test_parts_without_classes_are_refused(self, tmp_path):
        for name in ("train", "val"):
            pictures(tmp_path / name, 3, 50)
        with pytest.raises(UsageError, match="folder per class in train and val, got none"):
            load(path=tmp_path)

    def test_a_class_may_be_called_train(self, tmp_path):
        for place, name in enumerate(("bus", "car", "train")):
            pictures(tmp_path / name, 4, 60 * place)
        assert load(path=tmp_path).info.classes == ("bus", "car", "train")

    def test_classes_of_other_parts_must_be_known(self, parts):
        path = parts(train=2, val=2)
        (path / "val" / "bees").rename(path / "val" / "Bees")
        with pytest.raises(
            UsageError, match=r"val/Bees: the training part has no such class\. Did"
        ):
            load(path=path)

    def test_a_class_that_another_part_lacks_is_named(self, parts, caplog):
        path = parts(train=2, val=2)
        for file in (path / "val" / "bees").iterdir():
            file.unlink()
        assert sizes(load(path=path)) == [4, 2, 2]
        assert "the validation part has no pictures of class bees" in caplog.text


class TestFaults:
    def test_what_systems_leave_behind_is_passed_over(self, parts):
        path = parts(train=2, val=2)
        pictures(path / "__MACOSX" / "train", 1, 0)
        pictures(path / "train" / ".ipynb_checkpoints", 1, 0)
        (path / "train" / "ants" / "x.jpg").mkdir()
        (path / "train" / "ants" / "._0.png").write_bytes(b"no picture")
        (path / "train" / "ants" / "0.png").rename(path / "train" / "ants" / "0.PNG")
        assert sizes(load(path=path)) == [4, 4, 4]

    def test_all_are_told_at_once(self, parts):
        path = parts(train=3, val=3)
        bad = [path / "train/ants/1.png", path / "train/bees/2.png", path / "val/bees/0.png"]
        for file in bad:
            file.write_bytes(b"no picture")
        with pytest.raises(UsageError, match="3 faults in the data: ") as caught:
            load(path=path)
        assert all(str(file) in str(caught.value) for file in bad)

    def test_other_sizes_are_counted(self, parts):
        path = parts(train=3, val=3)
        for number in (0, 1):
            Image.new("RGB", (7, 8)).save(path / "train" / "bees" / f"{number}.png")
        with pytest.raises(
            UsageError, match=r"bees/0.png has 7 x 8 pixels, but ants/0.png has 6 x 5 \(2 pictures"
        ):
            load(path=path)
        assert load(path=path, size=4).info.input_shape == (4, 4, 3)

    def test_one_class_alone(self, parts):
        path = parts(train=2)
        for file in (path / "train" / "bees").iterdir():
            file.unlink()
        (path / "train" / "bees").rmdir()
        with pytest.raises(UsageError, match=r"train: expected two or more folders.*got 1"):
            load(path=path)
