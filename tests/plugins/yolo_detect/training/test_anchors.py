"""Anchors: clustering by side ratio, recall, levels."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.training.anchors import (
    best_possible_recall,
    fit_anchors,
    side_ratio,
    split_by_level,
)


def _shapes(seed: int, count: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.array([[10.0, 12.0], [60.0, 30.0], [40.0, 160.0]])
    return centres[rng.integers(3, size=count)] * np.exp(rng.normal(0, 0.1, (count, 2)))


def test_side_ratio_matches_its_definition() -> None:
    shapes, anchors = _shapes(0, 20), _shapes(1, 5)
    for i, (w, h) in enumerate(shapes):
        for j, (a, b) in enumerate(anchors):
            expected = max(w / a, a / w, h / b, b / h)
            assert side_ratio(shapes, anchors)[i, j] == pytest.approx(expected, rel=1e-12)


def test_finds_the_clusters_of_clustered_shapes() -> None:
    anchors = fit_anchors(_shapes(0), 3, np.random.default_rng(0))
    assert side_ratio(np.array([[10.0, 12.0], [60.0, 30.0], [40.0, 160.0]]), anchors).min(1) == (
        pytest.approx(1.0, abs=0.05)
    )


def test_equal_streams_give_equal_anchors() -> None:
    first, second = (fit_anchors(_shapes(2), 9, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_fits_better_than_random_shapes_of_the_data() -> None:
    shapes, rng = (
        np.exp(np.random.default_rng(3).normal(3, 0.8, (500, 2))),
        np.random.default_rng(0),
    )
    fitted = side_ratio(shapes, fit_anchors(shapes, 9, rng)).min(1)
    chosen = [
        np.log(side_ratio(shapes, shapes[rng.choice(500, 9, replace=False)]).min(1)).mean()
        for _ in range(20)
    ]
    assert np.log(fitted).mean() < min(chosen)


def test_anchors_scale_with_the_data() -> None:
    small = fit_anchors(_shapes(4), 6, np.random.default_rng(1))
    large = fit_anchors(8 * _shapes(4), 6, np.random.default_rng(1))
    np.testing.assert_allclose(large, 8 * small, rtol=1e-9)


def test_repeats_anchors_where_shapes_are_few() -> None:
    anchors = fit_anchors(np.array([[8.0, 16.0]]), 9, np.random.default_rng(0))
    np.testing.assert_allclose(anchors, np.tile([8.0, 16.0], (9, 1)))


@pytest.mark.parametrize("shapes", [np.zeros((0, 2)), np.array([[0.0, 3.0], [np.nan, 2.0]])])
def test_no_usable_shape_is_said(shapes: np.ndarray) -> None:
    with pytest.raises(ValueError, match="positive width and height"):
        fit_anchors(shapes, 3, np.random.default_rng(0))


def test_best_possible_recall_counts_shapes_within_the_threshold() -> None:
    anchors = np.array([[[10.0, 10.0]], [[100.0, 100.0]]])
    shapes = np.array([[10.0, 10.0], [39.0, 10.0], [41.0, 2.0], [40.0, 1.0], [30.0, 500.0]])
    assert best_possible_recall(shapes, anchors) == pytest.approx(2 / 5)
    assert best_possible_recall(shapes, anchors, 6.0) == pytest.approx(4 / 5)
    assert best_possible_recall(shapes[:0], anchors) == 1.0


def test_levels_hold_rising_areas() -> None:
    anchors = np.random.default_rng(0).uniform(1, 100, (9, 2))
    levels = split_by_level(anchors, 3)
    assert levels.shape == (3, 3, 2)
    areas = levels.prod(axis=2).ravel()
    assert (np.diff(areas) >= 0).all()
    assert sorted(map(tuple, levels.reshape(-1, 2))) == sorted(map(tuple, anchors))
    with pytest.raises(ValueError, match="multiple of 3"):
        split_by_level(anchors[:8], 3)
