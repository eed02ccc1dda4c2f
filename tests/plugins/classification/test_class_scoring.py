"""Classes and probabilities from CSV files: numbers against scikit-learn, and faults."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics

from nntasks.errors import UsageError
from nntasks.scoring import score

CLASSES = ("cat", "dog", "owl")


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 60)
    probabilities = rng.dirichlet((1, 1, 1), 60)
    rows = [f"s{i},{CLASSES[label]}" for i, label in enumerate(labels)]
    (tmp_path / "truth.csv").write_text("\n".join(["id,label", *rows]))
    rows = [f"s{i}," + ",".join(map(repr, row.tolist())) for i, row in enumerate(probabilities)]
    rng.shuffle(rows)
    (tmp_path / "shares.csv").write_text("\n".join(["id," + ",".join(CLASSES), *rows]))
    said = [f"s{i},{CLASSES[row.argmax()]}" for i, row in enumerate(probabilities)]
    (tmp_path / "classes.csv").write_text("\n".join(["id,predicted", *said]))
    return tmp_path, labels, probabilities


def numbers(folder, name):
    return (
        score("cnn_classify", folder / "truth.csv", folder / name)
        .found[0]
        .conventions["classification"]
    )


def test_numbers_are_those_of_scikit_learn(files):
    folder, labels, probabilities = files
    found = numbers(folder, "shares.csv")
    predicted = probabilities.argmax(axis=1)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert found["f1_macro"] == pytest.approx(metrics.f1_score(labels, predicted, average="macro"))
    assert found["f1_micro"] == pytest.approx(metrics.f1_score(labels, predicted, average="micro"))
    assert found["nll"] == pytest.approx(metrics.log_loss(labels, probabilities))
    hot = np.eye(3)[labels]
    assert found["brier"] == pytest.approx(((probabilities - hot) ** 2).sum(axis=1).mean())
    assert 0 < found["ece"] < 1
    assert np.isnan(found["top5"])


def test_two_files_are_compared_on_the_same_resamples(files):
    folder = files[0]
    made = score(
        "cnn_classify", folder / "truth.csv", [folder / "shares.csv", folder / "classes.csv"]
    )
    shares, classes = made.found
    assert list(shares.details) == ["bootstrap"]
    assert classes.details["compared_with"] == "shares"
    # The same classes are predicted: what depends on them alone does not differ.
    assert classes.details["differences"]["accuracy"] == {
        "difference": 0.0,
        "low": 0.0,
        "high": 0.0,
        "p": 1.0,
    }
    assert "nll" not in classes.details["differences"]
    assert made.tables[-1].title == "Differences on the same resamples of the samples"


def test_accuracy_has_an_interval_by_the_bootstrap_too(files):
    one = score("cnn_classify", files[0] / "truth.csv", files[0] / "shares.csv").found[0]
    low, high = one.details["bootstrap"]["accuracy"]
    wilson = one.intervals["classification"]["accuracy"]
    assert low < one.conventions["classification"]["accuracy"] < high
    assert [low, high] == pytest.approx(wilson, abs=0.04)
    assert set(one.intervals["classification"]) >= {"brier", "ece", "f1_micro", "nll"}


def test_defined_numbers_have_intervals(files):
    folder = files[0]
    shares, classes = (
        score("cnn_classify", folder / "truth.csv", folder / name).found[0]
        for name in ("shares.csv", "classes.csv")
    )
    ends = shares.intervals["classification"]
    assert {"accuracy", "f1_macro", "nll", "ece"} <= set(ends)
    low, high = ends["accuracy"]
    assert low < shares.conventions["classification"]["accuracy"] < high
    assert not {"nll", "ece", "top5"} & set(classes.intervals["classification"])


def test_classes_alone_have_no_likelihood(files):
    with_shares, without = (numbers(files[0], name) for name in ("shares.csv", "classes.csv"))
    for key in ("accuracy", "f1_macro", "precision_macro", "recall_macro"):
        assert without[key] == pytest.approx(with_shares[key])
    assert all(np.isnan(without[key]) for key in ("nll", "brier", "ece"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["shares.csv"], ""),
        (["classes.csv"], "Without probabilities, likelihood and calibration are not defined."),
        (
            ["shares.csv", "classes.csv"],
            "Without probabilities (classes), likelihood and calibration are not defined.",
        ),
    ],
)
def test_what_is_not_defined_is_said_where_it_is_so(files, names, said):
    made = score("cnn_classify", files[0] / "truth.csv", [files[0] / name for name in names])
    assert made.tables[0].caption == said


def test_the_verb_serves_both_tasks(cli_here, files):
    for task in ("numpy_mlp", "cnn_classify"):
        words = ("score", task, "truth=truth.csv", "found=shares.csv", "found=classes.csv")
        done = cli_here(*words, "--json", cwd=files[0])
        assert done.returncode == 0, done.stderr
        first, second = json.loads(done.stdout)["found"]
        assert (first["name"], second["name"]) == ("shares", "classes")
        assert second["conventions"]["classification"]["nll"] is None
    printed = cli_here(
        "score", "cnn_classify", "truth=truth.csv", "found=classes.csv", cwd=files[0]
    )
    assert "rows are true classes, columns predicted ones" in printed.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,predicted\ns0,cat\n", "expected a row for each of the 60 samples, got 1"),
        ("id,cat,dog\n", "expected a row for each of the 60 samples, got 0"),
    ],
)
def test_rows_must_be_those_of_the_truth(files, text, said):
    (files[0] / "odd.csv").write_text(text)
    with pytest.raises(UsageError, match=said):
        numbers(files[0], "odd.csv")


def test_faults_are_named_with_row_and_column(files):
    lines = (files[0] / "shares.csv").read_text().split("\n")
    lines[3] = lines[3].split(",")[0] + ",0.9,0.9,0.9"
    lines[5] = lines[5].split(",")[0] + ",much,0.5,0.5"
    (files[0] / "shares.csv").write_text("\n".join(lines))
    with pytest.raises(UsageError) as error:
        numbers(files[0], "shares.csv")
    assert "row 4: expected probabilities that sum to 1, got 2.7" in str(error.value)
    assert "row 6: expected a number under 'cat', got 'much'" in str(error.value)


def test_a_class_without_a_column_is_named(files):
    path = files[0] / "shares.csv"
    path.write_text(path.read_text().replace("owl", "hawk"))
    with pytest.raises(UsageError, match=r"or one for each class, found none for owl"):
        numbers(files[0], "shares.csv")


def test_samples_without_ids_go_by_their_place(tmp_path):
    (tmp_path / "truth.csv").write_text("label\n0\n1\n10\n2\n")
    (tmp_path / "found.csv").write_text("predicted\n0\n1\n10\n10\n")
    assert numbers(tmp_path, "found.csv")["accuracy"] == 0.75
