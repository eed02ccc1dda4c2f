"""Painted scenes: tight boxes around digits that stand out, disjoint digits, exact repeats."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.pictures.grounds import luminance
from nntasks.plugins.yolo_detect.data import scene_painting
from nntasks.plugins.yolo_detect.data.scene_options import ScenesConfig
from nntasks.plugins.yolo_detect.data.scene_painting import digits_of, paint_numbered
from nntasks.seeding import Seeds


def painted(split, options, count):
    return [paint_numbered(options, Seeds(0), split, index) for index in range(count)]


def test_boxes_are_tight_around_the_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    """On plain black ground without shadows, the ink is whatever is bright."""
    monkeypatch.setattr(
        scene_painting, "paint_ground", lambda rng, size, hue: np.zeros((size, size, 3), np.float32)
    )
    options = ScenesConfig(size=256, most=1, fewest=1, litter=0, contrast=0.45)
    for image, boxes, _ in painted("test", options, 40):
        bright = luminance(image.astype(np.float32) / 255)
        inside = bright >= 0.5 * np.quantile(bright, 0.995)
        rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        seen = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        np.testing.assert_allclose(boxes[0], seen, atol=2)


def test_digits_stand_out_from_their_ground() -> None:
    """Inside a box, the brightest and darkest parts are well apart."""
    for picture, boxes, _ in painted("train", ScenesConfig(), 60):
        image = luminance(picture.astype(np.float32) / 255)
        for x1, y1, x2, y2 in boxes.astype(int):
            low, high = np.quantile(image[y1:y2, x1:x2], [0.05, 0.95])
            assert high - low > 0.15


def test_boxes_hardly_overlap() -> None:
    for _, boxes, _ in painted("train", ScenesConfig(train_most=12, overlap=0.1), 30):
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
                smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
                assert max(sides[0], 0) * max(sides[1], 0) <= 0.1 * smaller + 1e-9


def test_splits_share_no_digit() -> None:
    parts = [digits_of(split) for split in ("train", "validation", "test")]
    assert sum(len(labels) for _, labels in parts) == 1797
    seen = [{scan.tobytes() for scan in scans} for scans, _ in parts]
    assert not seen[0] & seen[1] | seen[0] & seen[2] | seen[1] & seen[2]
    for _, labels in parts:
        assert np.bincount(labels, minlength=10).min() >= 15


def test_a_scene_follows_from_its_seed_split_and_number() -> None:
    options = ScenesConfig(size=64, smallest=0.25)
    one, same = (paint_numbered(options, Seeds(3), "test", 7) for _ in range(2))
    for mine, other in zip(one, same, strict=True):
        np.testing.assert_array_equal(mine, other)
    for seed, split, number in ((4, "test", 7), (3, "validation", 7), (3, "test", 8)):
        other = paint_numbered(options, Seeds(seed), split, number)
        assert not np.array_equal(one[0], other[0])


def test_arrays_have_their_shapes_and_the_number_of_digits_is_kept() -> None:
    options = ScenesConfig(size=96, fewest=3, most=3, overlap=1.0)
    for image, boxes, labels in painted("test", options, 10):
        assert (image.shape, image.dtype) == ((96, 96, 3), np.uint8)
        assert (boxes.shape, boxes.dtype) == ((3, 4), np.float64)
        assert labels.dtype == np.int64
        assert (boxes >= 0).all()
        assert (boxes <= 96).all()


def test_heights_stay_within_the_options() -> None:
    """The ink of a digit fills at most its scan, of 8 rows, and most of it."""
    options = ScenesConfig(size=256, smallest=0.3, largest=0.3, fewest=1, most=1)
    boxes = np.concatenate([boxes for _, boxes, _ in painted("test", options, 20)])
    heights = (boxes[:, 3] - boxes[:, 1]) / 256
    assert heights.min() > 0.24
    assert heights.max() < 0.4
