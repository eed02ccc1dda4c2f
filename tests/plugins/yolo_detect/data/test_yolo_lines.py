"""Lines of label files: what they look like decides whether they are read or how they are named."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat, WrongLine, read_line

TWO = LineFormat(2, ("cat", "dog"))
BOX = (0, 0.5, 0.5, 0.25, 0.5)

READ = {
    "tabs": ("0\t0.5\t0.5\t0.25\t0.5", "box", BOX),
    "commas": ("0,0.5,0.5,0.25,0.5", "box", BOX),
    "commas and blanks": ("0, 0.5, 0.5, 0.25, 0.5,", "box", BOX),
    "exponents": ("0e0 5e-1 .5 25E-2 +0.5", "box", BOX),
    "a comment behind": ("0 0.5 0.5 0.25 0.5 # a cat", "box", BOX),
    "a comment": ("# class cx cy w h", "comment", ()),
    "the last digit": ("0 0.5 0.5 1.000001 1", "box", (0, 0.5, 0.5, 1.000001, 1)),
    "over the edge": ("0 0.5 0.5 0.2 1.0021", "clipped", (0, 0.5, 0.5, 0.2, 1)),
    "over one edge": ("1 0.1 0.5 0.22 0.5", "clipped", (1, 0.105, 0.5, 0.21, 0.5)),
    "a polygon": ("0 0.1 0.1 0.5 0.1 0.5 0.4", "polygon", (0, 0.3, 0.25, 0.4, 0.3)),
    "a turned box": ("1 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5", "polygon", (1, 0.5, 0.5, 0.8, 0.8)),
    "a polygon at the edge": ("0 0 0 1.005 0 1.0 0.5", "polygon", (0, 0.5, 0.25, 1, 0.5)),
    "corners on the edges": (
        "0 0.2 0.5 0.4 0.3 1 0.5 1 0.9 0.5 1",
        "polygon",
        (0, 0.6, 0.65, 0.8, 0.7),
    ),
}


@pytest.mark.parametrize(("line", "kind", "row"), READ.values(), ids=READ.keys())
def test_what_is_read(line: str, kind: str, row: tuple[float, ...]) -> None:
    got, found = read_line(line, TWO)
    assert got == kind
    np.testing.assert_allclose(found, row, atol=1e-12)


def test_rows_of_keypoints_are_read_where_they_are_expected() -> None:
    row = "0 0.5 0.5 0.25 0.5 0.4 0.4 2 0.6 0.6 1"
    assert read_line(row, LineFormat(2, keypoints=6)) == ("keypoints", BOX)
    assert read_line("0 0.5 0.5 0.25 0.5 0.4 0.4", LineFormat(2, keypoints=2))[0] == "keypoints"
    assert read_line("0 0.5 0.5 0.25 0.5", LineFormat(2, keypoints=6)) == ("box", BOX)


REFUSED = {
    "four": ("0.5 0.5 0.5 0.5", "(class cx cy w h), got 4; the class may be missing"),
    "confidence": ("0 0.5 0.5 0.5 0.5 0.9", "got 6; the sixth may be the confidence"),
    "track": ("0 0.5 0.5 0.5 0.5 17", "got 6; the sixth may be the number of a track (17)"),
    "track with confidence": ("0 0.5 0.5 0.5 0.5 0.9 17", "confidence 0.9 of track 17"),
    "keypoints": ("0 0.5 0.5 0.5 0.5 0.4 0.4 2", "with 1 keypoints (x y visibility)"),
    "more keypoints": (
        "0 0.5 0.5 0.5 0.5" + " 0.4 0.4 1" * 4,
        "with 4 keypoints (x y visibility), name kpt_shape: [4, 3]",
    ),
    "half a corner": ("0 0.1 0.1 0.2 0.1 0.2 0.2 0.3 0.4 0.5", "a polygon with half a corner"),
    "polygon in pixels": ("0 10 10 20 10 20 20", "polygon of 3 corners; expected them in 0..1"),
    "polygon outside": ("0 0.1 0.1 1.2 0.1 0.2 0.2", "polygon of 3 corners; expected them in 0..1"),
    "flat polygon": ("0 0.1 0.1 0.2 0.1 0.3 0.1", "expected a polygon with extent"),
    "KITTI": ("Car " + "0.1 " * 14, "KITTI"),
    "DOTA": ("1 2 3 4 5 6 7 8 plane 0", "DOTA"),
    "semicolons": ("0;0.5;0.5;0.5;0.5", "semicolons"),
    "word": ("0 0.5 0.5 x 0.5", "expected 5 finite numbers (class cx cy w h), got 'x'"),
    "name": ("dog 0.5 0.5 0.5 0.5", "got 'dog'; write the number of the class, 'dog' is 1"),
    "another name": ("emu 0.5 0.5 0.5 0.5", "got 'emu'; write the number of the class"),
    "NaN": ("0 nan 0.5 0.5 0.5", "finite numbers (class cx cy w h), got 'nan'"),
    "infinite": ("0 0.5 0.5 inf 0.5", "got 'inf'"),
    "huge": ("0 0.5 0.5 1e999 0.5", "got '1e999'"),
    "underscore": ("0 0.5 0.5 0_1 0.5", "got '0_1'"),
    "other digits": ("0 0.5 0.5 \u0660.5 0.5", "got '\u0660.5'"),
    "decimal comma": ("0 0,5 0.5 0.5 0.5", "decimal commas, write 0.5"),
    "nothing between commas": ("0,0.5,,0.5,0.5", "an empty value between commas"),
    "class too high": ("2 0.5 0.5 0.5 0.5", "class 2 is out of range: there are 2 classes, 0 to 1"),
    "class negative": ("-1 0.5 0.5 0.5 0.5", "expected the class as a whole number from 0, got -1"),
    "class a fraction": ("0.5 0.5 0.5 0.5 0.5", "as a whole number from 0, got 0.5"),
    "pixels": ("0 320 240 50 60", "expected cx in 0..1, as part of the image, got 320; are these"),
    "over the edge": ("0 0.1 0.5 0.23 0.5", "reaches 1.50% of the side over the edge"),
    "a side too long": ("0 0.5 0.5 0.5 1.03", "expected h in 0..1"),
    "negative": ("0 0.5 -0.1 0.5 0.5", "expected cy in 0..1"),
    "negative side": ("0 0.5 0.5 -0.005 0.5", "expected a box with extent"),
    "no extent": ("0 0.5 0.5 0 0.5", "expected a box with extent, got w 0 and h 0.5"),
    "outside": ("0 1.005 0.5 0.006 0.5", "expected a box with extent inside the image"),
}


@pytest.mark.parametrize(("line", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_is_named(line: str, said: str) -> None:
    with pytest.raises(WrongLine) as caught:
        read_line(line, TWO)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_single_class_and_unnamed_classes_have_their_limits() -> None:
    line = "9999 0.5 0.5 0.25 0.5"
    assert read_line(line, LineFormat()) == ("box", (9999, 0.5, 0.5, 0.25, 0.5))
    with pytest.raises(WrongLine, match="there is 1 class, 0"):
        read_line(line, LineFormat(1))
    with pytest.raises(WrongLine, match="a class below 10000, got 1e9; name the classes"):
        read_line("1e9 0.5 0.5 0.5 0.5", LineFormat())
