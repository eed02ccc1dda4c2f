"""Generated scenes: repeatable samples by index."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.config import build
from nntasks.interfaces import Splits
from nntasks.pictures.grounds import luminance, paint_ground
from nntasks.plugins.yolo_detect.data.scene_options import ScenesConfig
from nntasks.plugins.yolo_detect.data.scenes import Scenes
from nntasks.seeding import Seeds


def _load(seed: int = 0, **options: object) -> Splits:
    return Scenes(build(ScenesConfig, options), Seeds(seed)).load(None)


def test_a_scene_depends_on_seed_split_and_index_alone() -> None:
    first, second = _load(3, train=40), _load(3, train=5)
    _ = first.train[7], first.train[1]  # another order, another count
    for index in (4, 0):
        one, two = first.train[index], second.train[index]
        assert one.image_id == two.image_id
        np.testing.assert_array_equal(one.read(), two.read())
        np.testing.assert_array_equal(one.truth.boxes, two.truth.boxes)
        np.testing.assert_array_equal(one.truth.labels, two.truth.labels)
    others = (_load(4).train[0], first.test[0], first.validation[0], first.train[1])
    for other in others:
        assert not np.array_equal(first.train[0].read(), other.read())


def test_samples_keep_their_contract() -> None:
    splits = _load(size=160)
    assert splits.info.classes == tuple("0123456789")
    assert splits.info.input_shape == (3, 160, 160)
    names = set()
    for part in (splits.train, splits.validation, splits.test):
        for sample in part[:20]:
            image, truth = sample.read(), sample.truth
            assert (image.shape, image.dtype) == ((160, 160, 3), np.uint8)
            assert len(truth.labels) == len(truth.boxes) >= 1
            assert truth.boxes.min() >= 0
            assert truth.boxes.max() <= 160
            assert (truth.boxes[:, 2:] - truth.boxes[:, :2] >= 4).all()
            assert set(truth.labels.tolist()) <= set(range(10))
            assert not truth.crowd.any()
            names.add(sample.image_id)
    assert len(names) == 60


def test_a_reader_cannot_spoil_a_scene() -> None:
    sample = _load().train[0]
    before = sample.read()
    sample.read()[:] = 0
    np.testing.assert_array_equal(sample.read(), before)


def test_grounds_are_dark_or_light_and_both_occur() -> None:
    """So that digits are lighter than their ground in some scenes and darker in others."""
    brightness = []
    for index in range(200):
        rng = np.random.default_rng(index)
        brightness.append(float(luminance(paint_ground(rng, 64, rng.random()).mean(axis=(0, 1)))))
    dark = np.array(brightness) < 0.45
    light = np.array(brightness) > 0.5
    assert (dark | light).all()
    assert 0.6 < dark.mean() < 0.8


def test_indices_behave_as_in_any_sequence() -> None:
    part = _load(test=5).test
    assert len(part) == 5
    assert part[-1] is part[4]
    assert [sample.image_id for sample in part[1:3]] == ["test-00001", "test-00002"]
    with pytest.raises(IndexError, match="scene 5 of 5"):
        part[5]


def test_more_digits_are_in_training_scenes_and_in_no_others():
    """The test is as hard as it was."""
    few, many = (_load(train_fewest=n, train_most=n, overlap=1.0) for n in (1, 8))
    assert [len(scene.truth.labels) for scene in few.train[:10]] == [1] * 10
    assert [len(scene.truth.labels) for scene in many.train[:10]] == [8] * 10
    for one, other in zip(few.test[:10], many.test[:10], strict=True):
        np.testing.assert_array_equal(one.read(), other.read())


def test_scenes_painted_ahead_by_other_processes_are_the_same(monkeypatch):
    from nntasks.machine import forked

    monkeypatch.setattr(forked, "usable_cores", lambda: 2)
    options = ScenesConfig(train=40, validation=1, test=1, size=64)
    ahead, one_by_one = (Scenes(options, Seeds(3)).load(None).train for _ in range(2))
    for here, there in zip(ahead[:], [one_by_one[i] for i in range(40)], strict=True):
        assert here.image_id == there.image_id
        np.testing.assert_array_equal(here.read(), there.read())
        np.testing.assert_array_equal(here.truth.boxes, there.truth.boxes)
        np.testing.assert_array_equal(here.truth.labels, there.truth.labels)
