"""Detections of every format: the same boxes, matched with the truth by any name."""

from __future__ import annotations

import json

import pytest
from boxes_in_formats import FOUND, SIZES, TRUTH, coco, pictures, results, table, voc, yolo

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.scoring.found_files import coco_results, read_found
from nntasks.plugins.yolo_detect.scoring.truth_files import read_truth

STEMS = list(SIZES)
EXPECTED = [
    (STEMS.index(stem), (3, 7).index(category), score, (x1, y1, x2 - x1, y2 - y1))
    for stem, category, score, x1, y1, x2, y2 in FOUND
]


@pytest.fixture
def truth(tmp_path):
    """Return the truth of COCO's format, with its images in the order of `SIZES`."""
    made = read_truth(coco(tmp_path), None, None, Faults())
    places = [made.place(stem) for stem in STEMS]
    assert places == sorted(places)
    return made


def read(path, truth, images=None, names=None):
    faults = Faults()
    found = read_found(path, truth, images, names, faults)
    faults.refuse()
    return found


def rounded(found):
    return sorted((*one[:3], tuple(round(value, 6) for value in one.box)) for one in found)


@pytest.mark.parametrize(
    "make",
    [
        lambda at: results(at, "found.json"),
        lambda at: yolo(at / "found", FOUND),
        lambda at: voc(at / "found", FOUND),
        lambda at: table(at / "found.csv", FOUND),
    ],
    ids=["coco", "yolo", "voc", "csv"],
)
def test_every_format_has_the_same_boxes(tmp_path, truth, make):
    assert rounded(read(make(tmp_path), truth)) == sorted(EXPECTED)


def test_names_say_which_class_a_number_of_yolo_text_is(tmp_path, truth):
    folder, names = tmp_path / "found", tmp_path / "names.txt"
    folder.mkdir()
    (folder / "a.txt").write_text("0 0.5 0.5 0.1 0.1 1\n")
    assert read(folder, truth)[0].label == 0
    names.write_text("dog\ncat\n")
    assert read(folder, truth, names=names)[0].label == 1
    names.write_text("Hund\nKatze\n")  # other words for as many classes
    assert read(folder, truth, names=names)[0].label == 0
    names.write_text("dog\n")
    assert read(folder, truth, names=names)[0].label == 1
    names.write_text("dog\ncat\ncow\n")
    with pytest.raises(
        UsageError, match=r"class 'cow' is not in the truth, which has 3 \(cat\), 7"
    ):
        read(folder, truth, names=names)


def test_shares_need_the_size_of_the_picture(tmp_path):
    truth = read_truth(table(tmp_path / "truth.csv", TRUTH), None, None, Faults())
    folder = yolo(tmp_path / "found", FOUND[:2])
    photos = pictures(tmp_path / "photos")
    assert rounded(read(folder, truth, images=photos)) == sorted(EXPECTED[:2])
    (photos / "a.png").unlink()
    with pytest.raises(UsageError, match=r"a\.txt: the size of its picture is not known; give im"):
        read(folder, truth, images=photos)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda at: table(at / "found.csv", [("z", 3, 0.5, 0, 0, 1, 1)]),
            r"found\.csv: row 2: image 'z' is not in the truth",
        ),
        (lambda at: cow_table(at), r"found\.csv: row 2: class 'cow' is not in the truth"),
        (lambda at: text_of(at, "z"), r"z\.txt: image 'z' is not in the truth"),
        (lambda at: xml_of(at, "z", "cat"), r"z\.xml: image 'z\.png' is not in the truth"),
        (lambda at: xml_of(at, "a", "cow"), r"a\.xml: object 1: class 'cow' is not in the truth"),
        (
            lambda at: voc(at / "found", TRUTH[:1]),
            r"a\.xml: object 1: expected a number under 'score', found none",
        ),
    ],
)
def test_what_the_truth_does_not_know_is_named(tmp_path, truth, make, said):
    with pytest.raises(UsageError, match=said):
        read(make(tmp_path), truth)


def cow_table(at):
    (at / "found.csv").write_text("image,class,score,x,y,w,h\na,cow,0.5,0,0,1,1\n")
    return at / "found.csv"


def text_of(at, stem):
    (at / "found").mkdir()
    (at / "found" / f"{stem}.txt").write_text("0 0.5 0.5 0.1 0.1 1\n")
    return at / "found"


def xml_of(at, stem, name):
    (at / "found").mkdir()
    box = "<bndbox><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></bndbox>"
    (at / "found" / f"{stem}.xml").write_text(
        f"<a><filename>{stem}.png</filename><object><name>{name}</name><score>1</score>{box}"
        "</object></a>"
    )
    return at / "found"


def test_an_xml_file_may_name_its_image_by_its_stem_or_within(tmp_path, truth):
    folder = xml_of(tmp_path, "b", "cat")
    (folder / "b.xml").rename(folder / "0001-odd.xml")
    (one,) = read(folder, truth)
    assert one.image == STEMS.index("b")


def test_annotations_are_no_detections(tmp_path, truth):
    with pytest.raises(
        UsageError, match="expected detections with scores, got annotations; give t"
    ):
        read(coco(tmp_path), truth)


def test_results_are_a_list(tmp_path, truth):
    rows = json.loads(results(tmp_path, "found.json").read_text())
    assert rounded(coco_results("found", rows, truth, Faults())) == sorted(EXPECTED)
    with pytest.raises(UsageError, match=r"^found: expected a list of results, got dict$"):
        coco_results("found", {"results": rows}, truth, Faults())
