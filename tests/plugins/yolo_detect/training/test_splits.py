"""Batches: letterboxed with true objects, or augmented with targets."""

from __future__ import annotations

import numpy as np
import torch

from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample
from nntasks.plugins.yolo_detect.training.augmentation import Augmentation
from nntasks.plugins.yolo_detect.training.splits import DetectionSplit
from nntasks.seeding import Seeds

SIZE = 64
VARIED = Augmentation(mosaic=0.5, scale=0.3, translate=0.1, hue=0.1, saturation=0.3, value=0.3)


def _samples(count: int = 12) -> list[Sample]:
    samples = []
    for number in range(count):
        rng = np.random.default_rng(number)
        image = rng.integers(0, 256, (40 + number, 80, 3), dtype=np.uint8)
        boxes = np.array([[5, 6, 25, 30], [30, 10, 70, 35], [0, 0, 80, 40.0]])
        truth = GroundTruth(
            boxes,
            np.array([1, 4, 2]),
            np.array([False, False, True]),
            np.array([480.0, 1000, 3200]),
        )
        samples.append(Sample(f"picture-{number}", image.copy, truth))
    return samples


def _split(seed: int = 0, augmentation: Augmentation = VARIED) -> DetectionSplit:
    return DetectionSplit(_samples(), SIZE, augmentation, Seeds(seed))


def test_evaluation_batches_are_letterboxed_and_keep_the_truth() -> None:
    split = _split()
    batch = split.batch([3, 0])
    assert batch.inputs.images.shape == (2, 3, SIZE, SIZE)
    assert batch.inputs.images.dtype == torch.uint8
    assert batch.ids == ["picture-3", "picture-0"]
    assert batch.targets == [split.samples[3].truth, split.samples[0].truth]
    for place, sample in zip(
        batch.inputs.letterboxes, (split.samples[3], split.samples[0]), strict=True
    ):
        boxes = sample.truth.boxes
        np.testing.assert_allclose(place.to_original(place.to_square(boxes)), boxes, atol=1e-9)
    again = split.batch([3])
    assert torch.equal(again.inputs.images[0], batch.inputs.images[0])


def test_training_batches_give_normalised_targets_without_crowds() -> None:
    batch = _split().batch([5, 2, 7], epoch=0)
    assert batch.inputs.images.shape == (3, 3, SIZE, SIZE)
    assert batch.inputs.images.is_contiguous(memory_format=torch.channels_last)
    assert batch.inputs.letterboxes == ()
    assert batch.targets.dtype == torch.float32
    assert batch.targets.shape[1] == 6
    assert set(batch.targets[:, 0].tolist()) == {0.0, 1.0, 2.0}
    assert set(batch.targets[:, 1].tolist()) <= {1.0, 4.0}
    centre, sides = batch.targets[:, 2:4], batch.targets[:, 4:6]
    assert (centre - sides / 2 > -1e-6).all()
    assert (centre + sides / 2 < 1 + 1e-6).all()


def test_a_sample_depends_on_seed_epoch_and_index_alone() -> None:
    whole, alone = _split().batch([1, 2, 3], epoch=4), _split().batch([3], epoch=4)
    assert torch.equal(whole.inputs.images[2], alone.inputs.images[0])
    rows = whole.targets[whole.targets[:, 0] == 2]
    assert torch.equal(rows[:, 1:], alone.targets[:, 1:])
    for other in (_split().batch([3], epoch=5), _split(1).batch([3], epoch=4)):
        assert not torch.equal(other.inputs.images, alone.inputs.images)


def test_without_augmentation_training_sees_what_evaluation_sees() -> None:
    split = _split(augmentation=Augmentation())
    trained, judged = split.batch([0], epoch=0), split.batch([0])
    place = judged.inputs.letterboxes[0]
    boxes = place.to_square(split.samples[0].truth.boxes[:2])
    targets = trained.targets[:, 2:].numpy() * SIZE
    np.testing.assert_allclose(targets[:, :2], (boxes[:, :2] + boxes[:, 2:]) / 2, atol=0.5)
    np.testing.assert_allclose(targets[:, 2:], boxes[:, 2:] - boxes[:, :2], atol=0.5)


def test_shapes_are_those_of_the_network_input() -> None:
    split = _split()
    shapes = split.shapes(100)
    assert shapes.shape == (24, 2)
    np.testing.assert_allclose(shapes[:2], [[20 * 0.8, 24 * 0.8], [40 * 0.8, 25 * 0.8]])
    assert split.shapes(3).shape == (6, 2)


def test_objects_without_extent_leave_no_trace_in_training() -> None:
    flat = np.array([[5, 6, 25, 6], [30, 10, 30, 35], [7, 7, 7, 7], [30, 10, 70, 35.0]])
    truth = GroundTruth.from_boxes(flat, np.arange(4))
    samples = [Sample("flat", np.zeros((40, 80, 3), np.uint8).copy, truth)]
    with np.errstate(all="raise"):
        split = DetectionSplit(samples, SIZE, VARIED, Seeds(0))
        np.testing.assert_allclose(split.shapes(1), [[40 * 0.8, 25 * 0.8]])
        batches = [split.batch([0], epoch=epoch) for epoch in range(20)]
    targets = torch.cat([batch.targets for batch in batches])
    assert set(targets[:, 1].tolist()) == {3.0}
    assert (targets[:, 4:] > 0).all()
    assert split.batch([0]).targets[0] is truth


def test_pictures_without_objects_make_a_batch() -> None:
    empty = GroundTruth.from_boxes(np.zeros((0, 4)), np.zeros(0))
    samples = [Sample(0, np.zeros((30, 30, 3), dtype=np.uint8).copy, empty)]
    split = DetectionSplit(samples, SIZE, VARIED, Seeds(0))
    assert split.batch([0], epoch=0).targets.shape == (0, 6)
    assert split.shapes(100).shape == (0, 2)
