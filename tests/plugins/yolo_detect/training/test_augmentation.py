"""Augmentation: boxes follow the pixels, every choice follows the generator."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.inference.letterbox import PADDING
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample
from nntasks.plugins.yolo_detect.training.augmentation import Augmentation, augment, jitter_colours

RED = np.array([230, 20, 20], dtype=np.uint8)


def _sample(seed: int, width: int = 96, height: int = 64, objects: int = 2) -> Sample:
    """A blue picture with red rectangles that do not touch."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), (20, 30, 200), dtype=np.uint8)
    boxes = []
    for number in range(objects):
        left = number * width // objects
        x1, y1 = left + int(rng.integers(2, 8)), int(rng.integers(2, 16))
        x2, y2 = x1 + int(rng.integers(16, width // objects - 10)), y1 + int(rng.integers(16, 40))
        image[y1:y2, x1:x2] = RED
        boxes.append([x1, y1, x2, y2])
    truth = GroundTruth.from_boxes(np.array(boxes, dtype=float), np.arange(objects))
    return Sample(seed, image.copy, truth)


def _run(options: Augmentation, seed: int, size: int = 128, **shape: int) -> tuple:
    def partner(rng: np.random.Generator) -> Sample:
        return _sample(int(rng.integers(1000)), **shape)

    rng = np.random.default_rng(seed)
    return augment(_sample(seed, **shape), partner, size, options, rng)


def _pixels(targets: np.ndarray, size: int) -> np.ndarray:
    centre, sides = targets[:, 1:3] * size, targets[:, 3:] * size
    return np.concatenate([centre - sides / 2, centre + sides / 2], axis=1)


@pytest.mark.parametrize(
    "options",
    [
        Augmentation(),
        Augmentation(mosaic=1.0),
        Augmentation(scale=0.5, translate=0.2),
        Augmentation(mosaic=1.0, scale=0.5, translate=0.2, flip=0.5, flip_vertical=0.5),
    ],
    ids=["none", "mosaic", "zoom", "all"],
)
@pytest.mark.parametrize("shape", [{}, {"width": 70, "height": 130}], ids=["wide", "tall"])
def test_boxes_stay_around_their_pixels(options: Augmentation, shape: dict[str, int]) -> None:
    """Red pixels are inside boxes and fill them, to within the pixel that resizing blurs."""
    for seed in range(25):
        image, targets = _run(options, seed, **shape)
        red = (image[..., 0].astype(int) - image[..., 2]) > 60
        inside = np.zeros_like(red)
        for x1, y1, x2, y2 in _pixels(targets, 128):
            top, left = np.floor([y1, x1]).astype(int)
            bottom, right = np.ceil([y2, x2]).astype(int)
            core = red[top + 2 : bottom - 2, left + 2 : right - 2]
            assert core.all()
            inside[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1] = True
        assert (red & ~inside).mean() < 0.012  # slivers of objects that were cut away


def test_nothing_asked_is_a_letterbox() -> None:
    sample = _sample(0, width=128, height=96)
    rng = np.random.default_rng(0)
    image, targets = augment(sample, lambda rng: sample, 128, Augmentation(), rng)
    np.testing.assert_array_equal(image[16:112], sample.read())
    assert (image[:16] == PADDING).all()
    assert (image[112:] == PADDING).all()
    np.testing.assert_allclose(
        _pixels(targets, 128), sample.truth.boxes + np.array([0, 16, 0, 16]), atol=1e-4
    )
    np.testing.assert_array_equal(targets[:, 0], [0, 1])


def test_flips_mirror_pixels_and_boxes() -> None:
    plain, boxes = _run(Augmentation(), 3)
    across, flipped = _run(Augmentation(flip=1.0), 3)
    np.testing.assert_array_equal(across, plain[:, ::-1])
    np.testing.assert_allclose(flipped, boxes * [1, -1, 1, 1, 1] + [0, 1, 0, 0, 0], atol=1e-6)
    over, flipped = _run(Augmentation(flip_vertical=1.0), 3)
    np.testing.assert_array_equal(over, plain[::-1])
    np.testing.assert_allclose(flipped, boxes * [1, 1, -1, 1, 1] + [0, 0, 1, 0, 0], atol=1e-6)


def test_mosaic_joins_four_pictures() -> None:
    counts = [len(_run(Augmentation(mosaic=1.0), seed)[1]) for seed in range(30)]
    assert max(counts) > 4  # more than two pictures' objects
    assert np.mean(counts) > 2


def test_equal_streams_give_equal_pictures() -> None:
    options = Augmentation(0.5, 0.5, 0.5, 0.4, 0.1, 0.02, 0.5, 0.4)
    for seed in range(5):
        (one, first), (two, second) = _run(options, seed), _run(options, seed)
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(first, second)


def test_crowds_and_slivers_are_dropped() -> None:
    image = np.zeros((128, 128, 3), dtype=np.uint8)
    boxes = np.array([[10, 10, 50, 50], [60, 60, 61.5, 100], [70, 10, 100, 40.0]])
    truth = GroundTruth(
        boxes, np.array([1, 2, 3]), np.array([True, False, False]), np.full(3, 100.0)
    )
    sample = Sample(0, image.copy, truth)
    rng = np.random.default_rng(0)
    _, targets = augment(sample, lambda rng: sample, 128, Augmentation(), rng)
    assert targets[:, 0].tolist() == [3]


def test_a_picture_without_objects_gives_no_targets() -> None:
    empty = GroundTruth.from_boxes(np.zeros((0, 4)), np.zeros(0))
    sample = Sample(0, np.zeros((50, 80, 3), dtype=np.uint8).copy, empty)
    options = Augmentation(mosaic=1.0, flip=1.0, flip_vertical=1.0, scale=0.3)
    _, targets = augment(sample, lambda rng: sample, 64, options, np.random.default_rng(0))
    assert targets.shape == (0, 5)


def test_colours_vary_within_their_limits() -> None:
    image = np.full((4, 4, 3), (200, 100, 50), dtype=np.uint8)
    values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        values.append(jitter_colours(image, Augmentation(value=0.2), rng)[0, 0].max())
    assert 158 <= min(values) < 170
    assert 230 < max(values) <= 242
    same = jitter_colours(image, Augmentation(), np.random.default_rng(0))
    np.testing.assert_array_equal(same, image)


def test_knobs_are_read_from_a_configuration() -> None:
    class Config:
        mosaic, flip, flip_vertical, scale, translate = 0.1, 0.2, 0.3, 0.4, 0.5
        hue, saturation, value, other = 0.6, 0.7, 0.8, 9

    assert Augmentation.of(Config) == Augmentation(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
