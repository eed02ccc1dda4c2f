"""COCOeval against pycocotools itself: every array, every image, every printed line."""

from __future__ import annotations

import contextlib
import copy
import io

import numpy as np
import pytest
from detection_oracle import hard_data
from pycocotools.coco import COCO as TheirCOCO
from pycocotools.cocoeval import COCOeval as TheirCOCOeval
from score_problems import problem

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.coco_api import COCO, COCOeval


def finished(classes, dataset, results, change=lambda evaluation: None):
    """Return an evaluation and what it printed; both kinds of classes are asked alike."""
    coco, evaluation = classes
    printed = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco()
        truth.dataset = copy.deepcopy(dataset)
        truth.createIndex()
        made = evaluation(truth, truth.loadRes(copy.deepcopy(results)), "bbox")
        change(made)
        made.evaluate()
        made.accumulate()
        with contextlib.redirect_stdout(printed):
            made.summarize()
    return made, printed.getvalue()


def both(*given):
    return finished((COCO, COCOeval), *given), finished((TheirCOCO, TheirCOCOeval), *given)


def assert_same(ours, theirs):
    assert ours.stats == pytest.approx(theirs.stats, abs=1e-12, rel=0)
    for key in ("precision", "recall", "scores"):
        np.testing.assert_allclose(ours.eval[key], theirs.eval[key], rtol=0, atol=1e-12)
    assert ours.eval["counts"] == theirs.eval["counts"]


@pytest.mark.parametrize("seed", range(3))
def test_hard_data(seed):
    (ours, said), (theirs, expected) = both(*hard_data(seed))
    assert_same(ours, theirs)
    assert said == expected


def test_results_by_image():
    (ours, _), (theirs, _) = both(*hard_data(3))
    assert len(ours.evalImgs) == len(theirs.evalImgs)
    for own, other in zip(ours.evalImgs, theirs.evalImgs, strict=True):
        assert (own is None) == (other is None)
        if own is None:
            continue
        assert set(own) == set(other)
        for key in ("dtMatches", "gtMatches", "gtIgnore", "dtIgnore", "dtScores"):
            np.testing.assert_array_equal(
                np.asarray(own[key]).astype(float), np.asarray(other[key]).astype(float)
            )
        for key in ("image_id", "category_id", "aRng", "maxDet", "dtIds", "gtIds"):
            assert own[key] == other[key]


def test_images_gathered_from_elsewhere_are_accumulated():
    (ours, _), (theirs, _) = both(*hard_data(4))
    ours.evalImgs = copy.deepcopy(ours.evalImgs)
    ours.accumulate()
    with contextlib.redirect_stdout(io.StringIO()):
        ours.summarize()
    assert_same(ours, theirs)


def fewer(evaluation):
    evaluation.params.imgIds = evaluation.params.imgIds[2:7]
    evaluation.params.catIds = evaluation.params.catIds[:2]
    evaluation.params.iouThrs = np.array([0.3, 0.5, 0.75])
    evaluation.params.maxDets = [2, 5, 100]


def without_categories(evaluation):
    evaluation.params.useCats = 0


def more_levels(evaluation):
    evaluation.params.recThrs = np.linspace(0, 1, 11)
    evaluation.params.areaRng = [[0, 1e10], [0, 50**2], [50**2, 120**2], [120**2, 1e10]]


@pytest.mark.parametrize("change", [fewer, without_categories, more_levels])
def test_changed_parameters(change):
    (ours, said), (theirs, expected) = both(*hard_data(5), change)
    assert_same(ours, theirs)
    assert said == expected


def test_real_predictions(real_data):
    dataset, results, figures = problem(real_data, "coco128_val2017")
    ours, _ = finished((COCO, COCOeval), dataset, results)
    assert list(ours.stats) == pytest.approx(figures["pycocotools"], abs=1e-12, rel=0)


def test_only_boxes_are_evaluated():
    for kind in ("segm", "keypoints"):
        with pytest.raises(UsageError, match=f"iouType='{kind}' is not supported"):
            COCOeval(iouType=kind)
    evaluation = COCOeval(iouType="bbox")
    with pytest.raises(UsageError, match="computeOks is not supported"):
        evaluation.computeOks(1, 1)
    for step in ("evaluate", "accumulate", "summarize"):
        with pytest.raises(UsageError):
            getattr(evaluation, step)()
