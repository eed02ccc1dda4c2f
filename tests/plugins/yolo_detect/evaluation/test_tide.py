"""Kinds of errors: by hand, against figures of tidecv, and what must hold for any data."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results, hard_data, samples
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples
from score_problems import PROBLEMS, problem

from nntasks.plugins.yolo_detect.evaluation.records import Records
from nntasks.plugins.yolo_detect.evaluation.tide import KINDS, detection_errors


def errors_of(dataset, results, **settings):
    records = Records(len(dataset["categories"]))
    records.add(*samples(dataset, results))
    return detection_errors(records.flat(), **settings)


@pytest.mark.parametrize("name", PROBLEMS)
def test_gains_are_those_of_tidecv(real_data, name):
    dataset, results, figures = problem(real_data, name)
    gains = errors_of(dataset, results).gains()
    assert list(gains) == list(figures["tide"])
    assert gains == pytest.approx(figures["tide"], abs=1e-9, rel=0)


# tidecv 1.0.1 on `hard_data(seed)`, images by ascending id, crowds as ignore regions.
TIDECV = {
    0: {
        "ap50": 8.362057744236,
        "Cls": (51, 8.521415218445),
        "Loc": (11, 0.948207499795),
        "Both": (10, 0),
        "Dupe": (6, 0),
        "Bkg": (141, 3.493075137473),
        "Miss": (18, 1.804493393636),
        "FalsePos": 22.727051166655,
        "FalseNeg": 10.298066888917,
    },
    1: {
        "ap50": 6.223479490806,
        "Cls": (54, 18.088165959453),
        "Loc": (4, 1.875480781161),
        "Both": (12, 0),
        "Dupe": (3, 0),
        "Bkg": (51, 0.905233380481),
        "Miss": (16, 2.890642447703),
        "FalsePos": 10.21216407355,
        "FalseNeg": 10.146901908236,
    },
}


@pytest.mark.parametrize("seed", TIDECV)
def test_crowds_ties_and_a_cap(seed):
    found = errors_of(*hard_data(seed))
    pairs = {k: v for k, v in TIDECV[seed].items() if isinstance(v, tuple)}
    gains = TIDECV[seed] | {name: gain for name, (_, gain) in pairs.items()}
    assert found.gains() == pytest.approx(gains, abs=1e-9, rel=0)
    assert found.counts() == {name: count for name, (count, _) in pairs.items()}


BOX = [100, 100, 40, 40]
HALF = [100, 100, 40, 12]  # IoU 0.3
FAR = [300, 300, 40, 40]


def kinds_of(objects, rows, **settings):
    dataset = coco_dataset([1], [1, 2], [(1, *row, 1600.0) for row in objects])
    found = errors_of(dataset, coco_results([(1, *row) for row in rows]), **settings)
    return [KINDS[kind] for kind in found.kind], found


@pytest.mark.parametrize(
    ("row", "kind", "missed"),
    [
        ((1, BOX, 0.5), "right", False),
        ((2, BOX, 0.5), "Cls", False),
        ((1, HALF, 0.5), "Loc", False),
        ((2, HALF, 0.5), "Both", True),
        ((1, FAR, 0.5), "Bkg", True),
        ((2, FAR, 0.5), "Bkg", True),
    ],
)
def test_one_detection_of_each_kind(row, kind, missed):
    kinds, found = kinds_of([(1, BOX, False)], [row])
    assert kinds == [kind]
    assert found.missed.tolist() == [missed]
    assert found.truth.tolist() == [0 if kind in ("right", "Cls", "Loc") else -1]


def test_a_second_detection_is_a_duplicate():
    kinds, found = kinds_of([(1, BOX, False)], [(1, BOX, 0.4), (1, BOX, 0.9)])
    assert kinds == ["Dupe", "right"]
    assert found.truth.tolist() == [0, 0]
    assert found.mends.tolist() == [False, False]


def test_of_two_errors_on_one_object_the_better_mends_it():
    kinds, found = kinds_of([(1, BOX, False)], [(1, HALF, 0.4), (2, BOX, 0.9)])
    assert kinds == ["Loc", "Cls"]
    assert found.mends.tolist() == [False, True]
    gains = found.gains()
    assert gains["Cls"] == pytest.approx(100)  # class 2 is then empty, and class 1 complete
    assert gains["Loc"] == 0


def test_what_lies_in_a_crowd_region_is_ignored():
    objects = [(1, BOX, False), (1, [290, 290, 90, 90], True)]
    kinds, found = kinds_of(objects, [(1, BOX, 0.9), (1, FAR, 0.8), (2, FAR, 0.7)])
    assert kinds == ["right", "Bkg", "Bkg"]
    assert found.ignored.tolist() == [False, True, False]
    assert found.missed.tolist() == [False, False]


def test_the_limit_is_per_image_over_all_classes():
    rows = [(1, BOX, 0.3), (2, FAR, 0.9), (2, FAR, 0.8)]
    kinds, found = kinds_of([(1, BOX, False)], rows, max_detections=2)
    assert kinds == ["cut", "Bkg", "Bkg"]
    assert found.missed.tolist() == [True]


def test_nothing_at_all():
    found = errors_of(coco_dataset([1], [1], []), [])
    assert np.isnan(found.gains()["ap50"])
    assert set(found.counts().values()) == {0}


def test_no_objects():
    """Every detection is on background; without it the mean is over no class."""
    dataset = coco_dataset([1], [1, 2], [])
    found = errors_of(dataset, coco_results([(1, 1, BOX, 0.9), (1, 2, FAR, 0.8)]))
    gains = found.gains()
    assert (found.counts()["Bkg"], found.counts()["Miss"]) == (2, 0)
    assert np.isnan(gains.pop("Bkg"))
    assert gains == dict.fromkeys(gains, 0)


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_kinds_agree_with_one_another(seed):
    found = errors_of(*hard_data(seed, images=5))
    right = found.kind == KINDS.index("right")
    assert found.found.sum() == right.sum() == len(set(found.truth[right]))
    assert not (found.missed & (found.found | ~found.counted)).any()
    # A missed object and a mended one are all that was not found.
    mended = set(found.truth[found.mends])
    assert len(mended) == found.mends.sum()
    assert set(np.flatnonzero(found.counted & ~found.found & ~found.missed)) == mended
    gains = found.gains()
    assert gains["ap50"] + gains["FalsePos"] <= 100 + 1e-9
    assert gains["ap50"] + gains["FalseNeg"] <= 100 + 1e-9
