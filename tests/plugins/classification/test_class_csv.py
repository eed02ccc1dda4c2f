"""CSV files of classes and probabilities: any names of columns, any order of rows."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.classification.class_csv import read_found, read_truth

TRUTH = "id,label\na,cat\nb,dog\nc,cat\n"


@pytest.fixture
def write(tmp_path):
    def call(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return call


@pytest.fixture
def read(write):
    """Return a function that reads predictions for a truth, and refuses faults."""

    def call(found, truth=TRUTH):
        faults = Faults()
        known = read_truth(write("truth.csv", truth), faults)
        result = read_found(write("found.csv", found), known, faults)
        faults.refuse()
        return result

    return call


def truth_of(path):
    faults = Faults()
    truth = read_truth(path, faults)
    faults.refuse()
    return truth


@pytest.mark.parametrize(
    "text",
    [
        TRUTH,
        "Target;Image\ncat;a\ndog;b\ncat;c\n",
        "\ufefffile\tTRUTH\r\na\tcat\r\n\r\nb\t dog \r\nc\tcat\r\n",
        'name,class,note\na,cat,"1,2"\nb,dog,\nc,cat,x\n',
    ],
)
def test_a_truth_by_any_names_of_columns(write, text):
    truth = truth_of(write("truth.csv", text))
    assert truth.ids == ("a", "b", "c")
    assert truth.classes == ("cat", "dog", "cat")
    assert truth.names == ("cat", "dog")
    assert truth.has_ids
    assert truth.labels(["dog", "cow", "cat"]).tolist() == [2, 0, 2]


def test_without_ids_samples_go_by_their_place(write):
    truth = truth_of(write("truth.csv", "label\ncat\ndog\n"))
    assert (truth.ids, truth.has_ids) == (("1", "2"), False)


def test_numbers_as_classes_are_sorted_by_value(write):
    assert truth_of(write("truth.csv", "label\n10\n9\n2\n")).names == ("2", "9", "10")
    assert truth_of(write("truth.csv", "label\n10\n9\nx\n")).names == ("10", "9", "x")


def test_a_compressed_file(tmp_path):
    (tmp_path / "truth.csv.gz").write_bytes(gzip.compress(TRUTH.encode()))
    assert truth_of(tmp_path / "truth.csv.gz").names == ("cat", "dog")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,label\na,cat\nb,\n", "row 3: expected a class under 'label', got none"),
        ("id,label\n,cat\n", "row 2: expected an id under 'id', got none"),
        ("id,label\na,cat\na,dog\n", "id 'a' occurs more than once"),
        ("id,label\n", "expected a row for each sample, got none"),
        ("id,klass\na,cat\n", "expected a heading with a column 'label', got id, klass"),
        ("", "expected a heading with a column 'label', got an empty file"),
    ],
)
def test_faulty_truths_are_named(write, text, said):
    path = write("truth.csv", text)
    with pytest.raises(UsageError) as error:
        truth_of(path)
    assert str(error.value) == f"{path}: {said}"


def test_classes_in_any_order_of_rows(read):
    found = read("sample,prediction\nc,dog\na,cat\nb,cow\n")
    assert found.certain
    assert found.classes == ("cat", "cow", "dog")
    np.testing.assert_array_equal(found.probabilities, np.eye(3)[[0, 1, 2]])


def test_probabilities_are_divided_by_their_sum(read):
    found = read("dog,id,cat,owl\n0.5,b,0.5,0\n0.1,a,0.895,0\n0,c,1,0\n")
    assert not found.certain
    assert found.classes == ("dog", "cat", "owl")
    expected = [[0.1 / 0.995, 0.895 / 0.995, 0], [0.5, 0.5, 0], [0, 1, 0]]
    np.testing.assert_allclose(found.probabilities, expected)


def test_without_ids_in_the_truth_rows_go_by_place(read):
    found = read("predicted\ndog\ncat\n", truth="label\ncat\ndog\n")
    assert found.probabilities.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,cat,dog\na,1,0\nb,x,1\nc,1,0\n", "row 3: expected a number under 'cat', got 'x'"),
        ("id,cat,dog\na,1,0\nb,0.9,0\nc,1,0\n", "row 3: expected probabilities that sum to 1, got"),
        ("id,cat,dog\na,1,0\nb,2,-1\nc,1,0\n", "row 3: expected probabilities that sum to 1, got"),
        ("id,cat,dog\na,1,0\nb,nan,1\nc,1,0\n", "row 3: expected probabilities that sum to 1, got"),
        ("id,cat\na,1\nb,1\nc,1\n", "or one for each class, found none for dog"),
        ("id,predicted\na,cat\nb,\nc,cat\n", "row 3: expected a class under 'predicted', got none"),
        ("id,predicted\na,cat\nb,cat\n", "each of the 3 samples, got 2; none for 'c'"),
        ("id,predicted\na,cat\nb,cat\nz,cat\n", "each of the 3 samples, got 3; none for 'c'"),
        ("id,predicted\na,x\nb,x\nc,x\nz,x\n", "each of the 3 samples, got 4"),
    ],
)
def test_faulty_predictions_are_named(read, text, said):
    with pytest.raises(UsageError) as error:
        read(text)
    assert "found.csv: " in str(error.value)
    assert said in str(error.value)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "truth.csv").write_bytes(b"label\n\xff\n")
    with pytest.raises(UsageError, match=r"truth\.csv: expected UTF-8 text"):
        truth_of(tmp_path / "truth.csv")


def test_a_quotation_mark_that_nothing_closes(write):
    path = write("truth.csv", 'id,label\n"a,cat\n' + "b,dog\n" * 30_000)
    with pytest.raises(UsageError, match=r"truth\.csv: line \d+: is not CSV: .* quotation mark"):
        truth_of(path)
