"""Tables, figures and conclusions about groups of runs."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from nntasks.experiments import comparison
from nntasks.experiments.records import Group, Record


def group(name, *values, baseline=0, seeds=None, history=(), **summary):
    records = tuple(
        Record(
            Path(name),
            {"seed": seed, "width": name},
            {
                "seed": seed,
                "seconds": 2.0,
                "parameters": 9,
                "headline": ["accuracy"],
                "metrics": {"accuracy": value},
                **summary,
            },
            history,
        )
        for seed, value in zip(seeds or range(len(values)), values, strict=True)
    )
    return Group(name, records, baseline)


def test_the_headline_is_what_every_run_has():
    more = group("b", 0.5, headline=["f1"], metrics={"accuracy": 0.5, "f1": 0.4})
    assert comparison.headline_of([group("a", 0.5)]) == ["accuracy"]
    assert comparison.headline_of([more, group("a", 0.5)]) == []
    none = group("c", 0.5, headline=[], metrics={"loss": 1.0, "accuracy": 0.5})
    assert comparison.headline_of([none, group("a", 0.5)]) == ["accuracy"]


def test_the_main_table():
    groups = [group("a", 0.5, 0.4), group("b", 0.7, 0.8)]
    table = comparison.main_table(groups, "accuracy")
    assert tuple(table.columns) == (
        "variant",
        "runs",
        "accuracy",
        "difference",
        "seconds",
        "parameters",
    )
    first, second = table.rows
    assert (first[:2], first[3:]) == (("a", 2), ("", "2.0", 9))
    assert second[3].startswith("0.3000 ± ")
    assert table.caption.endswith("Differences are from a, seed by seed.")


def test_a_chain_of_variants_is_compared_with_the_one_above():
    groups = [group("a", 0.5, 0.4), group("b", 0.7, 0.8), group("c", 0.8, 0.9, baseline=1)]
    table = comparison.main_table(groups, "accuracy")
    assert table.caption.endswith("Differences are from the variant above, seed by seed.")
    assert table.rows[2][3].startswith("0.1000")


def test_a_single_run_has_its_own_interval_and_one_group_no_differences():
    (row,) = comparison.main_table(
        [group("a", 0.5, intervals={"accuracy": [0.25, 0.75]})], "accuracy"
    ).rows
    assert row[2] == "0.5000 [0.2500, 0.7500]"
    assert "Differences" not in comparison.main_table([group("a", 0.5)], "accuracy").caption


def test_an_interval_of_shares_stays_between_0_and_1():
    ((_, _, shown, *_),) = comparison.main_table([group("a", 0.99, 0.97, 0.9)], "accuracy").rows
    low, high = shown.partition("[")[2].rstrip("]").split(", ")
    assert 0 < float(low) < 0.9
    assert 0.99 < float(high) <= 1
    ((_, _, plain, *_),) = comparison.main_table([group("a", 3.0, 2.0)], "accuracy").rows
    assert plain.startswith("2.5000 ± ")  # no share


def test_all_metrics_of_all_groups():
    table = comparison.metrics_table(
        [group("a", 0.5), group("b", 0.5, metrics={"accuracy": 0.25, "loss": 1.5})]
    )
    assert [row[0] for row in table.rows] == ["accuracy", "loss"]
    assert [row[2] for row in table.rows] == ["0.2500", "1.5000"]


def test_the_configuration_table_has_what_differs_alone():
    table = comparison.configuration_table([group("a", 0.5), group("b", 0.5)])
    assert [tuple(row) for row in table.rows] == [("width", "a", "b")]


NO_COMMON_SEED = "b: not compared, as it has no seed in common with a."


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            group("b", 0.7, 0.6, seeds=(5, 6)),
            NO_COMMON_SEED,
        ),
        (
            group("b", 0.5, seeds=(0,)),
            "b has the accuracy of a: with one seed, that may be chance.",
        ),
        (
            group("b", 0.75, seeds=(0,)),
            "b changes accuracy by +0.2500 against a: with one seed, the difference may be chance.",
        ),
    ],
)
def test_what_too_few_seeds_say(other, sentence):
    assert comparison.verdicts([group("a", 0.5, 0.5), other], "accuracy") == [sentence]


@pytest.mark.parametrize(
    ("values", "conclusion"),
    [
        ((0.7, 0.71, 0.7), "higher"),
        ((0.3, 0.29, 0.3), "lower"),
        ((0.9, 0.1, 0.5), "no significant difference"),
    ],
)
def test_conclusions_of_several_seeds(values, conclusion):
    (line,) = comparison.verdicts([group("a", 0.5, 0.5, 0.5), group("b", *values)], "accuracy")
    assert line.endswith(f"(3 seeds, paired): {conclusion}.")


def test_undefined_values_are_left_out_of_the_pairs():
    (line,) = comparison.verdicts(
        [group("a", 0.5, 0.5, math.nan), group("b", 0.6, math.nan, 0.6)], "accuracy"
    )
    assert "with one seed" in line


def test_the_figure_of_the_values():
    values, _ = comparison.figures([group("a", 0.5, 0.25), group("b", math.nan)], ["accuracy"])
    (panel,) = values.draw().axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a", "b"]
    small = panel.lines[0]
    assert sorted(small.get_xdata()) == [0.25, 0.5]


def curve(*rows):
    return [{"split": "validation", "epoch": epoch, "accuracy": value} for epoch, value in rows]


def test_the_curves_are_means_over_the_epochs_that_all_validated():
    one = group("a", 0.5, history=curve((1, 0.25), (2, 0.5), (3, 1.0)))
    two = group("a", 0.5, seeds=(1,), history=curve((1, 0.75), (2, 0.5)))
    both = Group("a", one.records + two.records)
    _, curves = comparison.figures([both], ["accuracy", "unknown"])
    (panel,) = curves.draw().axes
    (line,) = panel.lines
    assert line.get_xydata().tolist() == [[1, 0.5], [2, 0.5]]


def test_without_validations_no_curves_are_drawn():
    history = [{"split": "train", "epoch": 1, "accuracy": 1.0}, *curve((1, None), (2, 0.5))]
    _, curves = comparison.figures([group("a", 0.5, history=history)], ["accuracy"])
    assert curves.draw() is None


def test_at_most_three_metrics_are_drawn():
    names = ["a", "b", "c", "d"]
    values, _ = comparison.figures([group("x", 0.5, metrics=dict.fromkeys(names, 0.5))], names)
    assert [axes.get_xlabel() for axes in values.draw().axes] == names[: comparison.MOST_FIGURES]
