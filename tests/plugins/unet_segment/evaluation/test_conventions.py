"""Each convention against the libraries that have it, on the same masks, to 1e-7."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from segmentation_models_pytorch import metrics as smp
from sklearn import metrics as sk
from torchmetrics import segmentation
from torchmetrics.functional import classification as tm
from unet_masks import random_masks, table_of

from nntasks.plugins.unet_segment.evaluation.conventions import CONVENTIONS, conventions
from nntasks.plugins.unet_segment.evaluation.counts import MEASURES, dice, iou, numbers
from nntasks.plugins.unet_segment.samples import IGNORED

CLOSE = 1e-7
SMP = {"iou": smp.iou_score, "dice": smp.f1_score, "precision": smp.precision, "recall": smp.recall}
SK = {
    "iou": sk.jaccard_score,
    "dice": sk.f1_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
}


@pytest.fixture(scope="module")
def masks():
    """Masks and calls (9, 20, 20) of 0 and 1; a picture of each without object, and all object."""
    truth, shares = random_masks()
    truth[2], shares[2] = 1, 0.9
    return torch.from_numpy(truth).long(), torch.from_numpy(shares >= 0.5).long()


@pytest.fixture(scope="module")
def table(masks):
    truth, called = masks
    return table_of(truth.numpy(), called.numpy().astype(np.float32))


def stats(masks, mode):
    truth, called = masks
    if mode == "binary":
        return smp.get_stats(called[:, None], truth[:, None], mode=mode)
    return smp.get_stats(called, truth, mode=mode, num_classes=2, ignore_index=IGNORED)


@pytest.mark.parametrize("name", SMP)
@pytest.mark.parametrize(
    ("convention", "mode", "reduction", "zero_division"),
    [
        ("object", "binary", "micro", 1.0),
        ("object", "binary", "macro", 1.0),
        ("image_empty1", "binary", "micro-imagewise", 1.0),
        ("image_empty1", "binary", "macro-imagewise", 1.0),
        ("image_empty0", "binary", "micro-imagewise", 0.0),
        ("both", "multiclass", "micro", 1.0),
        ("macro", "multiclass", "macro", 1.0),
        ("image_both", "multiclass", "micro-imagewise", 1.0),
        ("image_macro", "multiclass", "macro-imagewise", 1.0),
    ],
)
def test_segmentation_models_pytorch(
    masks, table, name, convention, mode, reduction, zero_division
):
    # As doubles: theirs are divided as float32, which costs the seventh digit.
    counts = [part.double() for part in stats(masks, mode)]
    theirs = SMP[name](*counts, reduction=reduction, zero_division=zero_division)
    ours = CONVENTIONS[convention].read(MEASURES[name], table)
    assert ours == pytest.approx(float(theirs), abs=CLOSE)


def test_smp_weighted_by_given_weights(masks, table):
    found = numbers(table)
    for name, score in SMP.items():
        own, background = found[name], 2 * found[f"{name}_macro"] - found[name]
        theirs = score(*stats(masks, "multiclass"), reduction="weighted", class_weights=[1.0, 3.0])
        assert (background + 3 * own) / 4 == pytest.approx(float(theirs), abs=CLOSE)


def test_smp_weighted_imagewise_by_given_weights(masks, table):
    """Their weights add up to 1, and then the mean over the classes divides once more."""
    for name, score in SMP.items():
        own = CONVENTIONS["image_empty1"].read(MEASURES[name], table)
        background = 2 * CONVENTIONS["image_macro"].read(MEASURES[name], table) - own
        counts = [part.double() for part in stats(masks, "multiclass")]
        weights = {"reduction": "weighted-imagewise", "class_weights": [1.0, 3.0]}
        theirs = score(*counts, **weights, zero_division=1.0)
        assert (background + 3 * own) / 4 / 2 == pytest.approx(float(theirs), abs=CLOSE)


def test_smp_without_reduction_and_of_accuracy(masks, table):
    counts = stats(masks, "binary")
    each = smp.iou_score(*counts, reduction="none", zero_division=-1.0)[:, 0].numpy()
    ours = np.nan_to_num(iou(table.hits, table.false_alarms, table.misses), nan=-1)
    assert ours == pytest.approx(each, abs=CLOSE)
    found = numbers(table)
    accuracy = {r: float(smp.accuracy(*counts, reduction=r)) for r in ("micro", "micro-imagewise")}
    assert found["pixel_accuracy"] == pytest.approx(accuracy["micro"], abs=CLOSE)
    assert found["pixel_accuracy_image"] == pytest.approx(accuracy["micro-imagewise"], abs=CLOSE)
    balanced = float(smp.balanced_accuracy(*counts, reduction="micro"))
    assert found["pixel_accuracy_macro"] == pytest.approx(balanced, abs=CLOSE)


@pytest.mark.parametrize(
    ("convention", "average"), [("both", "micro"), ("macro", "macro"), ("weighted", "weighted")]
)
def test_averages_of_torchmetrics_and_scikit_learn(masks, table, convention, average):
    truth, called = masks
    theirs = {
        "iou": tm.multiclass_jaccard_index,
        "dice": tm.multiclass_f1_score,
        "precision": tm.multiclass_precision,
        "recall": tm.multiclass_recall,
    }
    for name, measure in MEASURES.items():
        ours = CONVENTIONS[convention].read(measure, table)
        said = float(theirs[name](called, truth, 2, average=average))
        assert ours == pytest.approx(said, abs=CLOSE), name
        said = SK[name](truth.ravel(), called.ravel(), average=average)
        assert ours == pytest.approx(said, abs=CLOSE), name


def test_numbers_of_the_object_alone(masks, table):
    truth, called = masks
    theirs = {
        "iou": tm.binary_jaccard_index,
        "dice": tm.binary_f1_score,
        "precision": tm.binary_precision,
        "recall": tm.binary_recall,
    }
    for name, measure in MEASURES.items():
        ours = CONVENTIONS["object"].read(measure, table)
        assert ours == pytest.approx(float(theirs[name](called, truth)), abs=CLOSE)
        assert ours == pytest.approx(SK[name](truth.ravel(), called.ravel()), abs=CLOSE)
        samples = SK[name](
            *(part.flatten(1).numpy() for part in masks), average="samples", zero_division=0
        )
        ours = CONVENTIONS["image_empty0"].read(measure, table)
        assert ours == pytest.approx(samples, abs=CLOSE)


@pytest.mark.filterwarnings("ignore:DiceScore metric currently defaults")
@pytest.mark.parametrize(
    ("convention", "options"),
    [
        ("image_both", {"average": "micro"}),
        ("image_mean_present", {"average": "macro"}),
        ("image_weighted", {"average": "weighted"}),
        ("image_nonempty", {"average": "macro", "include_background": False}),
        ("both", {"average": "micro", "aggregation_level": "global"}),
        ("macro", {"average": "macro", "aggregation_level": "global"}),
        ("weighted", {"average": "weighted", "aggregation_level": "global"}),
        (
            "object",
            {"average": "macro", "aggregation_level": "global", "include_background": False},
        ),
    ],
)
def test_dice_score_of_torchmetrics(masks, table, convention, options):
    truth, called = masks
    metric = segmentation.DiceScore(2, input_format="index", **options)
    metric.update(called, truth)
    for state in ("numerator", "denominator", "support"):  # as doubles, for the same reason
        setattr(metric, state, [part.double() for part in getattr(metric, state)])
    ours = CONVENTIONS[convention].read(dice, table)
    assert ours == pytest.approx(float(metric.compute()), abs=CLOSE)


@pytest.mark.parametrize(
    ("convention", "background"), [("image_present", True), ("image_nonempty", False)]
)
def test_mean_iou_of_torchmetrics(masks, table, convention, background):
    truth, called = masks
    metric = segmentation.MeanIoU(2, include_background=background, input_format="index")
    for picture, mask in zip(called, truth, strict=True):
        metric.update(picture[None], mask[None])
    ours = CONVENTIONS[convention].read(iou, table)
    assert ours == pytest.approx(float(metric.compute()), abs=CLOSE)


def test_pixels_that_are_not_counted():
    truth, shares = random_masks(ignored=0.2)
    table = table_of(truth, shares)
    t, c = torch.from_numpy(truth).long(), torch.from_numpy(shares >= 0.5).long()
    for name, score in SMP.items():
        for convention, reduction in (("macro", "macro"), ("image_macro", "macro-imagewise")):
            theirs = score(*stats((t, c), "multiclass"), reduction=reduction)
            ours = CONVENTIONS[convention].read(MEASURES[name], table)
            assert ours == pytest.approx(float(theirs), abs=CLOSE)
    theirs = tm.binary_jaccard_index(c, t, ignore_index=IGNORED)
    assert CONVENTIONS["object"].read(iou, table) == pytest.approx(float(theirs), abs=CLOSE)


def test_the_table_shows_that_they_differ(table):
    rows = {row[0]: row[1:3] for row in conventions(table).rows}
    # With two classes, one is absent only where the other is found without a fault, so that
    # counting it as 1 and leaving it out of the picture's mean are the same.
    same = [rows[CONVENTIONS[how].libraries] for how in ("image_macro", "image_mean_present")]
    assert same[0] == pytest.approx(same[1], abs=1e-12)
    assert len({tuple(np.round(row, 12)) for row in rows.values()}) == len(CONVENTIONS) - 1
    found = numbers(table)
    for how in ("image_empty1", "image_empty0", "image_nonempty", "macro"):
        expected = (found[f"iou_{how}"], found[f"dice_{how}"])
        assert rows[CONVENTIONS[how].libraries] == pytest.approx(expected, abs=1e-12)
