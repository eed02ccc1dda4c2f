"""Names of images and classes, and truth and detections put into one order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.plugins.yolo_detect.scoring.columns import (
    FoundBox,
    TrueImage,
    TrueObject,
    Truth,
    order_of,
    problem,
    sized,
)

IMAGES = [
    TrueImage(12, "photos/one.png", (10, 20)),
    TrueImage(3, "photos/two.png", (0, 0)),
    TrueImage("x", "other/0007.jpg", (5, 5)),
]
BOX = (1.0, 2.0, 3.0, 4.0)
TRUTH = Truth(IMAGES, {7: "cat", 9: "dog"}, [TrueObject(0, 1, BOX, 12.0)], "truth.json")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        *((12, 0), ("12", 0), ("photos/one.png", 0), ("one.png", 0), ("one", 0)),
        *((3, 1), ("photos/two", 1), ("x", 2), ("0007", 2), (7, 2), ("other/0007", 2)),
        *((99, None), ("one.jpg", None), (None, None), ([1], None), ({}, None)),
    ],
)
def test_images_by_id_file_and_stem(name, place):
    assert TRUTH.place(name) == place


def test_a_cell_of_a_table_may_have_another_ending():
    assert TRUTH.place_of_text("one.jpg") == 0
    assert TRUTH.place_of_text("elsewhere/one.tif") == 0
    assert TRUTH.place_of_text("three.jpg") is None


def test_what_names_two_images_names_none():
    truth = replace(
        TRUTH, images=[TrueImage(1, "a/one.png", (0, 0)), TrueImage(2, "b/one.png", (0, 0))]
    )
    assert truth.place("one.png") is None
    assert truth.place("one") is None
    assert (truth.place("a/one.png"), truth.place("b/one")) == (0, 1)


def test_an_id_comes_before_the_stem_of_another_image():
    truth = replace(TRUTH, images=[TrueImage(1, "2.png", (0, 0)), TrueImage(2, "1.png", (0, 0))])
    assert (truth.place(1), truth.place("2"), truth.place("2.png")) == (0, 1, 0)


@pytest.mark.parametrize(
    ("name", "label"),
    [(7, 0), ("9", 1), ("dog", 1), ("7", 0), (0, None), ("cow", None), ([], None), (None, None)],
)
def test_classes_by_number_and_name(name, label):
    assert TRUTH.label(name) == label


def test_a_number_comes_before_a_name_that_looks_like_one():
    truth = replace(TRUTH, classes={1: "2", 2: "1"})
    assert [truth.label(name) for name in (1, "1", 2, "2")] == [0, 0, 1, 1]


def test_messages_name_a_few():
    assert TRUTH.known_images() == "12, 3, x"
    assert TRUTH.known_classes() == "7 (cat), 9 (dog)"
    many = replace(TRUTH, images=[TrueImage(n, str(n), (0, 0)) for n in range(9)])
    assert many.known_images() == "0, 1, 2, ..."


def test_the_same_truth_may_come_from_another_place():
    assert TRUTH.same(replace(TRUTH, source="elsewhere"))
    assert not TRUTH.same(replace(TRUTH, objects=[]))
    assert not TRUTH.same(replace(TRUTH, classes={7: "cat", 9: "cow"}))
    assert not TRUTH.same(replace(TRUTH, images=IMAGES[::-1]))


def test_numbers_come_before_names():
    assert order_of(IMAGES) == [1, 0, 2]


def test_rows_go_by_image_and_stay_in_their_order_within():
    objects = [
        TrueObject(2, 0, BOX, 1.0, crowd=True),
        TrueObject(0, 1, BOX, 2.0, difficult=True),
        TrueObject(1, 0, BOX, 3.0, without_id=True),
        TrueObject(0, 0, BOX, 4.0),
    ]
    found = [FoundBox(2, 1, 0.1, BOX), FoundBox(1, 0, 0.2, BOX), FoundBox(2, 0, 0.3, BOX)]
    case = problem(replace(TRUTH, objects=objects), found)
    assert case.class_names == ("cat", "dog")
    assert case.records.image_ids == (3, 12, "x")
    detections, truths = case.records.detections, case.records.truths
    assert detections.image.tolist() == [0, 2, 2]
    assert detections.score.tolist() == [0.2, 0.1, 0.3]
    assert detections.label.tolist() == [0, 1, 0]
    assert truths.image.tolist() == [0, 1, 1, 2]
    assert truths.area.tolist() == [3, 2, 4, 1]
    assert truths.box[0].tolist() == list(BOX)
    assert truths.crowd.tolist() == [False, False, False, True]
    assert case.difficult.tolist() == [False, True, False, False]
    assert case.without_id.tolist() == [True, False, False, False]


def test_nothing_at_all():
    case = problem(replace(TRUTH, images=[], objects=[]), [])
    assert case.records.detections.box.shape == case.records.truths.box.shape == (0, 4)
    assert case.difficult.dtype == bool


def test_decimals_of_a_file_stay_decimals():
    assert 0.12 + 32.0 - 0.12 != 32.0
    assert sized(0.12, 5.0, 0.12 + 32.0, 7.5) == (0.12, 5.0, 32.0, 2.5)
    third = 1 / 3
    assert sized(0.0, 0.0, third, third) == (0.0, 0.0, third, third)


@examples(100)
@given(st.floats(0, 5000), st.integers(0, 10**9))
def test_adding_the_size_gives_the_corner_back(low, millionths):
    size = millionths / 1e6
    assert sized(low, 0.0, low + size, 0.0)[2] == pytest.approx(size, abs=1e-9)
