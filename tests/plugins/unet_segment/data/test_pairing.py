"""Pictures and masks are paired by name, in two folders or in one."""

from __future__ import annotations

import logging

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.data.pairing import find_pairs, pair_masks


@pytest.fixture
def folders(tmp_path):
    """Return a function that makes empty files in two folders and returns both."""

    def make(images, masks):
        for part, names in (("images", images), ("masks", masks)):
            (tmp_path / part).mkdir(exist_ok=True)
            for name in names:
                path = tmp_path / part / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        return tmp_path / "images", tmp_path / "masks"

    return make


def names(pairs):
    return [(pair.name, pair.picture.name, pair.mask.name) for pair in pairs]


def test_equal_names_are_pairs_in_subfolders_too(folders):
    images, masks = folders(["b.jpg", "x/a.jpg", "a.png"], ["a.png", "x/a.gif", "b.PNG"])
    assert names(find_pairs(images, masks)) == [
        ("a", "a.png", "a.png"),
        ("b", "b.jpg", "b.PNG"),
        ("x/a", "a.jpg", "a.gif"),
    ]


@pytest.mark.parametrize("suffix", ["_mask", "-seg", "_gt"])
def test_what_follows_most_names_is_the_suffix(folders, suffix):
    images, masks = folders(["1.jpg", "2.jpg", "3.jpg"], [f"{n}{suffix}.png" for n in "123"])
    expected = [(n, f"{n}.jpg", f"{n}{suffix}.png") for n in "123"]
    assert names(find_pairs(images, masks)) == names(find_pairs(images, masks, suffix)) == expected


def test_the_shorter_of_two_possible_additions_is_not_taken_for_more(folders):
    """a1 could be a followed by 1; the most common addition is _m."""
    images, masks = folders(["a.jpg", "a1.jpg", "b.jpg"], ["a_m.png", "a1_m.png", "b_m.png"])
    assert [pair.mask.name for pair in find_pairs(images, masks)] == [
        "a_m.png",
        "a1_m.png",
        "b_m.png",
    ]


def test_an_addition_of_a_few_masks_alone_is_none(folders):
    images, masks = folders(["a.jpg", "b.jpg"], ["a_m.png", "c.png", "d.png"])
    with pytest.raises(UsageError, match=r"named as the pictures are \(a, b\), got none; if some"):
        find_pairs(images, masks)


@pytest.mark.parametrize("suffix", ["", "_mask", "-m"])
def test_masks_among_their_pictures(folders, suffix):
    end = suffix or "_mask"
    images, _ = folders(["a.jpg", f"a{end}.png", "b.jpg", f"b{end}.png"], [])
    assert names(find_pairs(images, images, suffix)) == [
        (n, f"{n}.jpg", f"{n}{end}.png") for n in "ab"
    ]


def test_what_has_no_other_half_is_left_out_and_counted(folders, caplog):
    images, masks = folders([f"{n}.jpg" for n in "abcdef"], ["a.png", "z.png"])
    with caplog.at_level(logging.WARNING):
        assert [pair.name for pair in find_pairs(images, masks)] == ["a"]
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"{images}: 5 pictures have no mask and are left out: b, c, d, ...",
        f"{masks}: 1 masks have no picture and are left out: z",
    ]


def test_folders_without_pictures(folders):
    images, masks = folders(["a.txt"], ["a.png"])
    with pytest.raises(UsageError, match=r"images: expected pictures \(.*, \.\.\.\), got none"):
        find_pairs(images, masks)


def test_a_name_that_is_twice_in_a_folder(folders):
    images, masks = folders(["a.jpg"], ["a.png", "a.gif"])
    with pytest.raises(UsageError, match=r"a\.\w+ and .*a\.\w+ have the same name; keep one"):
        find_pairs(images, masks)


class TestPredictions:
    def test_masks_by_name(self, folders):
        found, truth = folders(["a.png", "b.png"], ["a.png", "b.png", "c.png"])
        assert names(pair_masks(found, truth)) == [(n, f"{n}.png", f"{n}.png") for n in "ab"]

    def test_what_predict_wrote_comes_before_the_picture(self, folders, caplog):
        found, truth = folders(["a.png", "a-mask.png"], ["a.png"])
        with caplog.at_level(logging.WARNING):
            assert names(pair_masks(found, truth)) == [("a", "a-mask.png", "a.png")]
        assert caplog.records == []

    def test_names_of_the_truth_may_have_an_addition(self, folders):
        found, truth = folders(["a.png", "b.png"], ["a_gt.png", "b_gt.png"])
        expected = [(n, f"{n}.png", f"{n}_gt.png") for n in "ab"]
        assert names(pair_masks(found, truth)) == expected
        assert names(pair_masks(found, truth, "_gt")) == expected

    def test_predictions_without_truth_are_left_out_aloud(self, folders, caplog):
        found, truth = folders(["a.png", "z.png"], ["a.png"])
        with caplog.at_level(logging.WARNING):
            assert len(pair_masks(found, truth)) == 1
        assert "1 predictions have no truth and are left out: z" in caplog.text

    def test_nothing_in_common(self, folders):
        found, truth = folders(["x.png"], ["a.png", "b.png"])
        with pytest.raises(UsageError, match=r"expected masks named as those of .* \(a, b\), got"):
            pair_masks(found, truth)
