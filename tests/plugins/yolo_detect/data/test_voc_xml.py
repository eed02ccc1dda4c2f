"""VOC XML files: what is read of them, and which object is at fault and why."""

from __future__ import annotations

import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.voc_xml import VocImage, VocObject, read_voc

BOX = "<bndbox><xmin>1</xmin><ymin>2.5</ymin><xmax>10</xmax><ymax>20</ymax></bndbox>"


def one(inside, box=BOX):
    return f"<object>{inside}{box}</object>"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a file with these elements, and its faults."""

    def call(inside):
        path = tmp_path / "photo.xml"
        path.write_text(f"<annotation>{inside}</annotation>", encoding="utf-8")
        faults = Faults()
        return read_voc(path, faults), faults

    return call


def test_a_file_in_full(read):
    image, faults = read(
        "<filename> a.jpg </filename><size><width>40</width><height>30</height></size>"
        + one("<name>dog</name><difficult>1</difficult>")
        + one("<name> cat </name><score>0.5</score>")
    )
    assert faults.count == 0
    box = (1, 2.5, 10, 20)
    assert image == VocImage(
        "a.jpg", (40, 30), (VocObject("dog", box, True, None), VocObject("cat", box, False, 0.5))
    )


def test_what_a_file_may_leave_out(read):
    image, _ = read(one("<name>dog</name><confidence>1</confidence>"))
    assert (image.file, image.size) == ("photo", (0, 0))
    assert image.objects[0].score == 1
    assert read("")[0].objects == ()


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (one(""), "expected a class under 'name', got none"),
        (one("<name>a</name>", ""), "expected a finite number under 'bndbox/xmin'"),
        (
            one("<name>a</name>", BOX.replace("20", "wide")),
            "expected a finite number under 'bndbox/ymax'",
        ),
        (
            one("<name>a</name>", BOX.replace("10", "0")),
            "expected xmin <= xmax and ymin <= ymax, got 1 2.5 0 20",
        ),
        (
            one("<name>a</name><difficult>2</difficult>"),
            "expected 0 or 1 under 'difficult', got '2'",
        ),
        (one("<name>a</name><score/>"), "expected a number in 0..1 under 'score'"),
        (one("<name>a</name><confidence>2</confidence>"), "in 0..1 under 'confidence'"),
    ],
)
def test_a_faulty_object_is_named_and_the_others_are_read(read, element, said):
    image, faults = read(one("<name>cat</name>") + element + one("<name>dog</name>"))
    assert [found.name for found in image.objects] == ["cat", "dog"]
    with pytest.raises(UsageError) as error:
        faults.refuse()
    assert "photo.xml: object 2: " in str(error.value)
    assert str(error.value).endswith(said)


@pytest.mark.parametrize("content", [b"<annotation>", b"\xff\xfe", b"", b"{}"])
def test_what_is_no_xml_is_a_fault(tmp_path, content):
    path = tmp_path / "photo.xml"
    path.write_bytes(content)
    faults = Faults()
    assert read_voc(path, faults) is None
    with pytest.raises(UsageError, match=r"photo\.xml: is not XML: "):
        faults.refuse()


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    faults = Faults()
    assert read_voc(tmp_path / "no.xml", faults) is None
    with pytest.raises(UsageError, match=r"no\.xml: cannot be read: No such file"):
        faults.refuse()
