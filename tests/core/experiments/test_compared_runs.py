"""Comparisons of runs whose folders are written here, so every number is known."""

from __future__ import annotations

import json

import pytest

from nntasks.errors import UsageError
from nntasks.experiments.compared_runs import compare_runs
from nntasks.run_folder import RunFolder
from nntasks.storage import atomic_write


@pytest.fixture
def finished(tmp_path):
    """Return a function that writes the folder of a finished run."""

    def write(seed, width, task="toy", headline=("accuracy",), **metrics):
        config = {"task": task, "seed": seed, "width": width}
        folder = RunFolder.create(tmp_path / "runs", task, config, {})
        summary = {
            "task": task,
            "run": folder.path.name,
            "model": "net",
            "data": "points",
            "samples": 10,
            "seed": seed,
            "seconds": 1.5,
            "headline": list(headline),
            "metrics": metrics,
            "definitions": dict.fromkeys(metrics, "known"),
        }
        atomic_write.write_text(folder.path / "summary.json", json.dumps(summary))
        return folder.path

    return write


@pytest.fixture
def four(finished):
    """Return two runs of width 4 and two of width 8, which is better by 0.2 and 0.4."""
    return [
        finished(seed, width, accuracy=accuracy, loss=1 - accuracy)
        for seed, width, accuracy in ((0, 4, 0.5), (1, 4, 0.4), (0, 8, 0.7), (1, 8, 0.8))
    ]


def test_runs_are_grouped_by_all_but_the_seed(four):
    found = compare_runs(four, None, None)
    assert found.task == "toy"
    assert found.to_dict()["groups"] == {
        "width=4": {"0": {"accuracy": 0.5, "loss": 0.5}, "1": {"accuracy": 0.4, "loss": 0.6}},
        "width=8": {
            "0": {"accuracy": 0.7, "loss": pytest.approx(0.3)},
            "1": {"accuracy": 0.8, "loss": pytest.approx(0.2)},
        },
    }
    (sentence,) = found.sentences
    assert "width=8 changes accuracy by +0.3" in sentence  # the mean of 0.2 and 0.4
    assert found.to_dict()["verdicts"] == [sentence]


def test_another_metric_is_chosen_by_name(four):
    (sentence,) = compare_runs(four, "loss", None).sentences
    assert "width=8 changes loss by -0.3" in sentence


def test_a_folder_that_is_given_twice_counts_once(four):
    twice = compare_runs([*four, four[0], four[0] / ".." / four[0].name], None, None)
    assert [len(group.records) for group in twice.groups] == [2, 2]


def test_the_report_holds_each_run_and_the_command(four, tmp_path):
    compare_runs(four, None, tmp_path / "page.html", "nntasks compare RUN RUN")
    page = (tmp_path / "page.html").read_text()
    for text in ("toy: 4 runs", "nntasks compare RUN RUN", *(path.name for path in four)):
        assert text in page


def test_without_a_headline_the_first_shared_metric_is_compared(finished):
    runs = [
        finished(0, 4, headline=(), extra=1.0, accuracy=0.5),
        finished(0, 8, headline=(), accuracy=0.75),
    ]
    (sentence,) = compare_runs(runs, None, None).sentences
    assert "accuracy" in sentence


def test_what_cannot_be_compared_is_told(finished, four, tmp_path):
    other = finished(0, 4, task="other", accuracy=0.5)
    alone = finished(0, 4, headline=(), recall=0.5)
    cases = [
        ([four[0], other], None, "expected runs of one task, got runs of toy, other"),
        ([four[0], four[0]], None, "expected two runs or more, got one"),
        (four, "recall", "--metric: expected one of accuracy, loss, got recall"),
        ([four[0], alone], None, "these runs have no metric in common"),
        ([four[0], tmp_path], None, "is not a run"),
    ]
    for paths, metric, message in cases:
        with pytest.raises(UsageError, match=message):
            compare_runs(paths, metric, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


LONG = "/somewhere/in/the/depths/of/a/disk/20260101-000000-abcdef/final/model.safetensors"


def test_a_variant_is_named_by_the_end_of_a_long_path(finished):
    found = compare_runs(
        [finished(0, LONG, accuracy=0.5), finished(0, 4, accuracy=0.5)], None, None
    )
    assert [group.name for group in found.groups] == [
        "width=.../final/model.safetensors",
        "width=4",
    ]


def test_variants_whose_names_would_be_equal_have_those_of_their_folders(finished):
    paths = [finished(0, width, accuracy=0.5) for width in (LONG, LONG.replace("disk", "tape"))]
    found = compare_runs(paths, None, None)
    assert [group.name for group in found.groups] == [path.name for path in paths]


def test_equal_values_are_called_equal(finished):
    found = compare_runs([finished(0, width, accuracy=0.5) for width in (4, 8)], None, None)
    (sentence,) = found.sentences
    assert sentence == "width=8 has the accuracy of width=4: with one seed, that may be chance."


def test_long_names_are_drawn_without_a_warning_of_matplotlib(finished, tmp_path, recwarn):
    paths = [finished(0, f"{'word ' * 60}{n}", accuracy=0.5) for n in range(2)]
    compare_runs(paths, None, tmp_path / "c.html")
    assert [str(one.message) for one in recwarn] == []
    assert "figure" in (tmp_path / "c.html").read_text()


def test_a_page_of_ours_is_replaced_and_no_other_file(four, tmp_path):
    page = tmp_path / "comparison.html"
    for width in ("first", "second"):
        compare_runs(four, None, page, f"nntasks compare {width}")
    assert "nntasks compare second" in page.read_text()
    own = "<html>notes of mine</html>"
    page.write_text(own)
    message = "comparison.html was not written by nntasks; move it, or choose another --out"
    for path in (page, tmp_path):
        with pytest.raises(UsageError, match="was not written by nntasks"):
            compare_runs(four, None, path)
    with pytest.raises(UsageError, match=message):
        compare_runs(four, None, page)
    assert page.read_text() == own
