"""Masks of two folders: the numbers of the libraries, and faults."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.evaluation.conventions import CONVENTIONS
from nntasks.scoring import score


@pytest.fixture
def folders(tmp_path):
    rng = np.random.default_rng(0)
    for folder, labels in (("truth", (0, 1)), ("found", (0, 255))):
        (tmp_path / folder).mkdir()
        for name in "abc":
            drawn = rng.integers(0, 2, (20, 30))
            mask = np.array(labels, np.uint8)[drawn]
            Image.fromarray(mask).save(tmp_path / folder / f"{name}.png")
    return tmp_path


def test_every_convention_is_there_and_right(folders):
    (one,) = score("unet_segment", folders / "truth", folders / "found").found
    assert list(one.conventions) == list(CONVENTIONS)
    true, said = (
        np.stack([np.asarray(Image.open(folders / at / f"{name}.png")) > 0 for name in "abc"])
        for at in ("truth", "found")
    )
    hits, either = (true & said).sum(), (true | said).sum()
    assert one.conventions["object"]["iou"] == pytest.approx(hits / either)
    low, high = one.intervals["object"]["iou"]
    assert low <= hits / either <= high
    assert one.conventions["both"]["dice"] == pytest.approx((true == said).mean())


def test_every_number_has_an_interval_and_two_folders_are_compared(folders):
    (folders / "same").mkdir()
    for file in (folders / "found").iterdir():
        shifted = np.roll(np.asarray(Image.open(file)), 3, axis=1)
        Image.fromarray(shifted).save(folders / "same" / file.name)
    made = score("unet_segment", folders / "truth", [folders / "found", folders / "same"])
    first, second = made.found
    for one in made.found:
        for name, numbers in one.conventions.items():
            for key, value in numbers.items():
                low, high = one.intervals[name][key]
                assert low <= value <= high, (name, key)
    assert "differences" not in first.details
    assert second.details["compared_with"] == "found"
    found = second.details["differences"]["macro dice"]
    change = second.conventions["macro"]["dice"] - first.conventions["macro"]["dice"]
    assert found["difference"] == pytest.approx(change, abs=1e-12)
    assert found["low"] <= change <= found["high"]
    assert 0 < found["p"] <= 1
    assert made.tables[-1].name == "differences"


def test_the_verb_prints_them(cli_here, folders):
    words = ("score", "unet_segment", "truth=truth", "found=found")
    done = cli_here(*words, "--json", cwd=folders)
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["found"]
    assert set(one["conventions"]["object"]) == {"iou", "dice"}
    assert "smp binary, micro or macro" in " ".join(cli_here(*words, cwd=folders).stdout.split())


def test_a_mask_that_is_not_predicted_is_named(folders):
    (folders / "found" / "b.png").unlink()
    with pytest.raises(UsageError, match=r"found none for 1, the first .*b\.png"):
        score("unet_segment", folders / "truth", folders / "found")


def test_sizes_must_agree(folders):
    Image.new("L", (5, 5)).save(folders / "found" / "b.png")
    with pytest.raises(UsageError, match=r"20 pixels, but .*b\.png has 5 x 5"):
        score("unet_segment", folders / "truth", folders / "found")


def test_files_are_no_folders(folders):
    with pytest.raises(UsageError, match="truth: expected a folder of masks"):
        score("unet_segment", folders / "truth" / "a.png", folders / "found")


def test_what_predict_wrote_is_scored_by_its_masks(tmp_path):
    """Beside the mask lies the picture with the prediction drawn in, under the truth's name."""
    mask = np.zeros((8, 8), np.uint8)
    mask[2:6, 2:6] = 255
    for folder in ("truth", "found"):
        (tmp_path / folder).mkdir()
    Image.fromarray(mask).save(tmp_path / "truth" / "a.png")
    Image.fromarray(np.roll(mask, 1, axis=1)).save(tmp_path / "found" / "a-mask.png")
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "found" / "a.jpg")
    (one,) = score("unet_segment", tmp_path / "truth", tmp_path / "found").found
    assert one.conventions["object"]["iou"] == 12 / 20


def test_a_folder_agrees_with_itself(tmp_path):
    Image.fromarray(np.eye(8, dtype=np.uint8) * 255).save(tmp_path / "a.png")
    (one,) = score("unet_segment", tmp_path, tmp_path).found
    assert one.conventions["object"]["dice"] == 1


@pytest.fixture
def square(tmp_path):
    """What writes the same square with a label and background as a folder of one mask."""

    def write(name, on, background=0, void=None):
        mask = np.full((8, 8), background, np.uint8)
        mask[2:6, 2:6] = on
        if void is not None:
            mask[7] = void
        (tmp_path / name).mkdir()
        Image.fromarray(mask).save(tmp_path / name / "a.png")
        return tmp_path / name

    return write


def dice_of(truth, found, **options):
    (one,) = score("unet_segment", truth, found, options=options).found
    return one.conventions["object"]["dice"]


@pytest.mark.parametrize("label", [1, 255])
def test_a_threshold_of_greys_leaves_labels_of_the_truth_alone(square, label):
    truth, grey = square("truth", label), square("grey", 200, 50)
    assert dice_of(truth, grey, threshold=128) == 1
    assert dice_of(truth, grey, threshold=201) == 0
    assert dice_of(truth, square("labels", 1), threshold=128) == 1


def test_pixels_of_the_truth_that_do_not_count_stay_so(square):
    truth, grey = square("truth", 1, void=255), square("grey", 200, 50)
    assert dice_of(truth, grey, threshold=128) == 1


def test_a_truth_in_grey_has_the_threshold_too(square):
    truth, grey = square("truth", 200, 90), square("grey", 200, 50)
    assert dice_of(truth, grey, threshold=128) == 1
    assert dice_of(truth, grey, threshold=60) == 2 * 16 / (64 + 16)


def test_labels_of_the_truth_can_be_named_beside_a_threshold(square):
    truth, grey = square("truth", 2, 3), square("grey", 200, 50)
    assert dice_of(truth, grey, threshold=128, object="2") == 1
    with pytest.raises(UsageError, match=r"truth: no label .* threshold=128.* is 3; .* object=3"):
        dice_of(truth, grey, threshold=128)


def test_keys_are_named_as_they_are_typed(square):
    truth, grey = square("truth", 1), square("grey", 200, 50)
    with pytest.raises(UsageError) as error:
        dice_of(truth, grey)
    assert " object=1,2, or from which grey on with threshold=128" in str(error.value)
    with pytest.raises(UsageError) as error:
        dice_of(grey, truth)
    assert " object=1,2, which are not counted with ignored=255, or" in str(error.value)
    assert "data." not in str(error.value)


def test_one_picture_is_counted_and_has_no_interval(square):
    made = score("unet_segment", square("truth", 1), square("found", 1))
    assert made.notes == ["found: 1 mask, 64 pixels counted"]
    assert {cell for row in made.tables[1].rows for cell in row[2:]} == {""}
