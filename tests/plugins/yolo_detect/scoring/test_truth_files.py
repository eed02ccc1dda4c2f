"""Truths of every format: the same objects, and what each format needs or lacks."""

from __future__ import annotations

import json

import pytest
from boxes_in_formats import (
    CLASSES,
    IDS,
    SIZES,
    TRUTH,
    coco,
    pictures,
    results,
    table,
    voc,
    yolo,
)

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.scoring.columns import order_of
from nntasks.plugins.yolo_detect.scoring.truth_files import (
    coco_truth,
    pictures_of,
    read_truth,
    size_of,
)

EXPECTED = sorted((s, CLASSES[c], (x1, y1, x2 - x1, y2 - y1)) for s, c, x1, y1, x2, y2 in TRUTH)


def read(path, images=None, names=None):
    faults = Faults()
    truth = read_truth(path, images, names, faults)
    faults.refuse()
    return truth


def objects_of(truth):
    """Return (stem, class name, rounded box) of each object."""
    stems = [str(image.file).partition(".")[0] for image in truth.images]
    names = list(truth.classes.values())
    return sorted(
        (stems[one.image], names[one.label], tuple(round(value, 6) for value in one.box))
        for one in truth.objects
    )


@pytest.mark.parametrize(
    "make",
    [
        coco,
        lambda at: yolo(at / "labels" / "val", TRUTH, at / "images" / "val"),
        lambda at: yolo(at / "both", TRUTH, at / "both"),
        lambda at: voc(at / "annotations", TRUTH),
        lambda at: table(at / "truth.csv", TRUTH),
    ],
    ids=["coco", "yolo", "yolo beside its pictures", "voc", "csv"],
)
def test_every_format_has_the_same_objects(tmp_path, make):
    truth = read(make(tmp_path))
    assert objects_of(truth) == EXPECTED
    assert sorted(str(image.file).partition(".")[0] for image in truth.images) == sorted(SIZES)
    areas = [one.area for one in truth.objects]
    assert areas == pytest.approx([one.box[2] * one.box[3] for one in truth.objects])
    assert len(order_of(truth.images)) == 3


def test_coco_keeps_numbers_flags_and_what_has_the_id_zero(tmp_path):
    content = json.loads(coco(tmp_path).read_text())
    content["annotations"][1] |= {"id": 0, "iscrowd": 1, "area": 5}
    truth = coco_truth(tmp_path / "truth.json", content, Faults())
    assert truth.classes == CLASSES
    assert sorted(image.name for image in truth.images) == sorted(IDS.values())
    assert [one.without_id for one in truth.objects] == [False, True, False, False]
    assert [one.crowd for one in truth.objects] == [False, True, False, False]
    assert truth.objects[1].area == 5
    assert truth.images[0].size == SIZES["a"]


def test_voc_keeps_what_is_difficult(tmp_path):
    folder = voc(tmp_path / "annotations", TRUTH)
    text = (folder / "b.xml").read_text().replace("<difficult>0<", "<difficult>1<", 1)
    (folder / "b.xml").write_text(text)
    truth = read(folder)
    assert [one.difficult for one in truth.objects] == [False, False, True, False]
    assert [image.size for image in truth.images] == list(SIZES.values())


def test_classes_of_a_table_that_are_all_numbers_keep_them(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("image,class,x,y,w,h\na,10,0,0,1,1\na,9,0,0,1,1\n")
    truth = read(path)
    assert truth.classes == {9: "9", 10: "10"}
    assert [one.label for one in truth.objects] == [1, 0]
    path.write_text("image,class,x,y,w,h\na,10,0,0,1,1\na,b,0,0,1,1\n")
    assert read(path).classes == {0: "10", 1: "b"}


def test_classes_of_labels_without_names_go_up_to_the_highest(tmp_path):
    folder = yolo(tmp_path / "labels", TRUTH)
    (folder / "classes.txt").unlink()
    (folder / "a.txt").write_text("4 0.5 0.5 0.1 0.1\n")
    truth = read(folder, images=pictures(tmp_path / "photos"))
    assert truth.classes == {number: str(number) for number in range(5)}


def test_labels_need_their_pictures(tmp_path):
    folder = yolo(tmp_path / "labels", TRUTH)
    with pytest.raises(
        UsageError, match="whose size is not known; give the folder of the pictures"
    ):
        read(folder)
    photos = pictures(tmp_path / "photos")
    (photos / "b.png").unlink()
    with pytest.raises(UsageError, match=r"found none for 1, the first b\.txt; give their folder"):
        read(folder, images=photos)


def test_detections_are_no_truth(tmp_path):
    path = results(tmp_path, "plain.json")
    with pytest.raises(
        UsageError, match="expected a truth, got results of a detector; give them a"
    ):
        read(path)


def test_the_last_folder_of_labels_on_the_way_is_the_one(tmp_path):
    inner = tmp_path / "labels" / "set" / "labels" / "val"
    inner.mkdir(parents=True)
    photos = pictures(tmp_path / "labels" / "set" / "images" / "val")
    pictures(tmp_path / "images" / "set" / "labels" / "val")
    assert pictures_of(inner, None) == {stem: photos / f"{stem}.png" for stem in SIZES}


def test_a_picture_that_cannot_be_read_has_no_size(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    faults = Faults()
    assert size_of(tmp_path / "bad.png", faults) == (0, 0)
    assert faults.count == 1
    assert size_of(pictures(tmp_path / "good") / "a.png", faults) == SIZES["a"]
    assert faults.count == 1
