"""The curves of a run's history, grouped into panels."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntasks.report.history import MOST_LINES, Curve, Panel, read_history


def train(step, epoch, **values):
    return {"split": "train", "step": step, "epoch": epoch, **values}


def validation(step, epoch, **values):
    return {"split": "validation", "step": step, "epoch": epoch, **values}


def panels(rows, headline=()):
    return {
        panel.title: [(curve.name, curve.split) for curve in panel.curves]
        for panel in read_history(rows, headline).panels
    }


def test_scalars_find_their_panels():
    rows = [
        train(1, 0.5, lr=0.1, loss=2.0, box=1.0),
        validation(2, 1, loss=2.5, map50=0.1, map50_95=0.05, recall=0.2, perplexity=90.0, images=9),
        validation(4, 2, loss=2.0, map50=0.2, map50_95=0.07, recall=0.3, perplexity=80.0, images=9),
    ]
    assert panels(rows, ["map50"]) == {
        "loss": [("loss", "train"), ("loss", "validation")],
        "box": [("box", "train")],
        "learning rate": [("lr", "train")],
        "map50": [("map50", "validation")],
        "map50_95 and others": [("map50_95", "validation"), ("recall", "validation")],
        "perplexity": [("perplexity", "validation")],
    }


def test_the_losses_of_training_and_validation_share_a_panel():
    rows = [train(1, 1, loss=2.0, accuracy=0.2), validation(1, 1, nll=2.2, accuracy=0.1)]
    found = panels(rows, ["accuracy", "nll"])
    assert found["loss"] == [("loss", "train"), ("nll", "validation")]
    assert found["accuracy"] == [("accuracy", "train"), ("accuracy", "validation")]
    rows.append(validation(2, 2, loss=1.0, nll=2.0))  # then the likelihood is another number
    assert panels(rows)["loss"] == [("loss", "train"), ("loss", "validation")]
    assert panels(rows)["nll"] == [("nll", "validation")]


def test_parts_of_a_loss_share_a_panel_if_they_are_of_one_order_of_magnitude():
    rows = [train(1, 1, loss=3.0, box=1.0, shape=2.0)]
    assert panels(rows)["parts of the loss"] == [("box", "train"), ("shape", "train")]
    rows = [train(1, 1, loss=3.0, box=1.0, norm=2000.0)]
    assert list(panels(rows)) == ["loss", "box", "norm"]


def test_what_was_never_measured_has_no_curve():
    rows = [validation(1, 1, map_large=None, map=0.5), validation(2, 2, map_large=None, map=0.6)]
    assert panels(rows) == {"map": [("map", "validation")]}


def test_alike_names_share_panels_of_few_lines():
    names = [f"map{n}" for n in range(8)] + ["f1", "f1_macro", "ar1", "ar10", "ar100"]
    found = panels([validation(1, 1, **dict.fromkeys(names, 0.5))])
    assert list(found) == ["map", "map and others", "ar"]
    assert all(len(curves) <= MOST_LINES for curves in found.values())
    assert [name for curves in found.values() for name, _ in curves] == names


def test_every_scalar_is_drawn_once_but_sizes_of_the_data():
    names = {"images": 128.0, "a": 0.1, "b": 3.5, "loss_x": 1.0, "lr_head": 0.1}
    rows = [train(1, 1, c=1.0), validation(1, 1, **names), validation(2, 2, **names)]
    drawn = [name for curves in panels(rows).values() for name, _ in curves]
    assert sorted(drawn) == ["a", "b", "c", "loss_x", "lr_head"]


def test_curves_run_over_epochs_and_else_over_steps_and_else_over_rows():
    assert read_history([train(1, 0.5, loss=1), train(2, 1.0, loss=1)]).axis == "epoch"
    assert read_history([train(1, 1, loss=1), train(2, 1, loss=1)]).axis == "step"
    assert read_history([train(1, 1, loss=1)]).axis == "epoch"
    assert read_history([{"split": "train", "loss": 1.0}] * 2).axis == "row"
    missing = [train(1, 0.5, loss=1), {"split": "train", "step": 2, "loss": 1}]
    assert read_history(missing).axis == "step"


def test_points_are_sorted_and_undefined_ones_leave_gaps():
    rows = [train(3, 3, loss=3.0), train(1, 1, loss=None), train(2, 2, loss=math.inf)]
    (panel,) = read_history(rows).panels
    (curve,) = panel.curves
    assert curve.x == (1.0, 2.0, 3.0)
    assert np.array_equal(curve.y, [math.nan, math.nan, 3.0], equal_nan=True)


@pytest.mark.parametrize(
    ("values", "finite", "share"),
    [
        ((0.0, math.nan, 1.0), (0.0, 1.0), True),
        ((0.5, 1.5), (0.5, 1.5), False),
        ((-0.5,), (-0.5,), False),
        ((math.nan,), (), True),
    ],
)
def test_shares_are_curves_between_0_and_1(values, finite, share):
    curve = Curve("a", "train", tuple(range(len(values))), values)
    assert (curve.finite, curve.is_share) == (finite, share)


def test_a_panel_knows_whether_it_has_one_split():
    one, other = (Curve("a", split, (1.0,), (1.0,)) for split in ("train", "validation"))
    assert Panel("a", (one, one)).only_split == "train"
    assert Panel("a", (one, other)).only_split == ""


def test_splits_stand_in_their_order():
    rows = [
        {"split": split, "step": 1, "epoch": 1, "f1": 0.5} for split in ("new", "test", "train")
    ]
    assert panels(rows) == {"f1": [("f1", "train"), ("f1", "test"), ("f1", "new")]}


def test_a_headline_of_other_numbers_than_shares_has_a_panel_each():
    rows = [validation(1, 1, perplexity=80.0, f1=0.5), validation(2, 2, perplexity=70.0, f1=0.6)]
    assert list(panels(rows, ["perplexity", "f1"])) == ["perplexity", "f1"]
    assert list(panels(rows[:1], ["f1", "absent"])) == ["f1", "perplexity"]
