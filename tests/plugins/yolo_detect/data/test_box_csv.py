"""Boxes as CSV: columns by any of their names, and rows that are refused by number and field."""

from __future__ import annotations

import gzip

import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.box_csv import CsvBox, read_boxes

HEADING = "image,class,score,x1,y1,x2,y2"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads lines of a file and returns its rows and its faults."""

    def call(*lines, scored=True):
        path = tmp_path / "boxes.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        faults = Faults()
        found = list(read_boxes(path, faults, scored=scored))
        return found, faults.count

    return call


def only(result):
    (found, faults) = result
    assert faults == 0
    (row,) = found
    return row


def test_a_detection(read):
    assert only(read(HEADING, "a.png,cat,0.25,1,2,4,8")) == CsvBox(
        *(2, "a.png", "cat", (1, 2, 4, 8), (0, 0), 0.25, 18, False, False)
    )


def test_an_object_with_all_that_it_may_state(read):
    row = only(
        read(
            "image;class;x;y;width;height;area;crowd;difficult;image_width;image_height",
            "a; cat ;1;2;3;6;12.5;1;True;640;480",
            scored=False,
        )
    )
    assert (row.name, row.box, row.size) == ("cat", (1, 2, 4, 8), (640, 480))
    assert (row.area, row.crowd, row.difficult, row.score) == (12.5, True, True, 1)


@pytest.mark.parametrize("heading", ["image_id", "FileName", "# image", "source"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_other_names_cases_and_separators(read, heading, separator):
    names = (heading, "Label", "conf", "Left", "TOP", "xmax", "bottom")
    heading = separator.join(names).replace("# ", "#")
    row = only(read(heading, separator.join(["7", "dog", "1", "0", "0", "2", "5"])))
    assert (row.image, row.name, row.box) == ("7", "dog", (0, 0, 2, 5))


def test_a_name_of_its_own_comes_before_another_of_its_names(read):
    row = only(read("file,image,class," + HEADING.partition("class,")[2], "f,i,cat,1,0,0,1,1"))
    assert row.image == "i"


def test_an_image_without_objects(read):
    found, faults = read("image,class,x1,y1,x2,y2", "a,,,,,", "b", scored=False)
    assert faults == 0
    assert [(row.image, row.name, row.area) for row in found] == [("a", None, 0), ("b", None, 0)]


def test_empty_rows_are_skipped_and_still_counted(read):
    found, _ = read(HEADING, "", " , ,,,,,", "a,cat,1,0,0,1,1", "")
    assert [row.row for row in found] == [4]


def test_compressed_files_and_a_mark_of_byte_order(tmp_path):
    path = tmp_path / "boxes.csv.gz"
    path.write_bytes(gzip.compress(f"\ufeff{HEADING}\r\na,Käfer,1,0,0,1,1\r\n".encode()))
    (row,) = read_boxes(path, Faults(), scored=True)
    assert row.name == "Käfer"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",cat,1,0,0,1,1", "expected a name or id under 'image', got none"),
        ("a,,1,0,0,1,1", "expected a name or number under 'class', got none"),
        ("a,cat,1.5,0,0,1,1", "expected a number in 0..1 under 'score', got 1.5"),
        ("a,cat,,0,0,1,1", "expected a finite number under 'score', got ''"),
        ("a,cat,1,nan,0,1,1", "expected a finite number under 'x1', got 'nan'"),
        ("a,cat,1,0,0,1", "expected a finite number under 'y2', got ''"),
        (
            "a,cat,1,2,0,1,1",
            "expected x1 <= x2 and y1 <= y2, or a width and height of 0 or more, got 2 0 1 1",
        ),
    ],
)
def test_faulty_detections_are_named_and_the_others_read(tmp_path, line, said):
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join([HEADING, "a,cat,1,0,0,1,1", line, "b,cat,1,0,0,1,1"]))
    faults = Faults()
    assert [row.image for row in read_boxes(path, faults, scored=True)] == ["a", "b"]
    with pytest.raises(UsageError) as error:
        faults.refuse()
    assert str(error.value) == f"{path}: row 3: {said}"


@pytest.mark.parametrize(
    ("heading", "cell", "said"),
    [
        ("area", "-1", "expected a number of 0 or more under 'area', got -1"),
        ("area", "big", "expected a finite number under 'area', got 'big'"),
        ("iscrowd", "2", "expected 0 or 1 under 'crowd', got '2'"),
        ("difficult", "yes", "expected 0 or 1 under 'difficult', got 'yes'"),
        ("image_width", "1.5", "expected a whole number under 'image_width', got '1.5'"),
    ],
)
def test_faulty_statements_of_objects(tmp_path, heading, cell, said):
    path = tmp_path / "boxes.csv"
    path.write_text(f"image,class,x,y,w,h,{heading}\na,cat,0,0,1,1,{cell}\n")
    faults = Faults()
    assert list(read_boxes(path, faults, scored=False)) == []
    with pytest.raises(UsageError, match=said):
        faults.refuse()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "class, score, x, y, width, height (or x1, y1, x2, y2), found no image, class, sco"),
        ("", "in an empty file"),
        ("image,class,x1,y1,x2,y2\n", "found no score in image, class, x1, y1, x2, y2"),
        ("image,class,score,x1,y1,x2\n", "found no x, y, width, height in image"),
    ],
)
def test_missing_columns_are_named(read, text, said):
    with pytest.raises(UsageError) as error:
        read(text)
    assert said in str(error.value)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "boxes.csv").write_bytes(b"image,class\n\xff")
    with pytest.raises(UsageError, match=r"boxes\.csv: expected UTF-8 text"):
        list(read_boxes(tmp_path / "boxes.csv", Faults(), scored=True))


def test_a_quotation_mark_that_nothing_closes(read):
    """It makes one cell of the rest of the file, which Python's reader refuses by its length."""
    with pytest.raises(UsageError, match=r"boxes\.csv: line \d+: is not CSV: .* quotation mark"):
        read(HEADING, '"a,cat,1,0,0,1,1', *["b,cat,1,0,0,1,1"] * 10_000)
