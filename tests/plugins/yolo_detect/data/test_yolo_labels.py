"""Label files: every line counts once, and every fault names its line."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.yolo_labels import Labels, in_pixels, read_labels
from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat, WrongLine, read_line


def read(path: Path, classes: int | None = 2) -> Labels:
    faults = Faults()
    (labels,) = read_labels([path], LineFormat(classes), faults)
    faults.refuse()
    return labels


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "0 0.5 0.5 0.25 0.5\n1 0.25 0.5 0.5 0.5\n",
        "0 0.5 0.5 0.25 0.5\r\n1 0.25 0.5 0.5 0.5\r\n",
        "0 0.5 0.5 0.25 0.5\r1 0.25 0.5 0.5 0.5",
        "\ufeff0\t0.5\t0.5\t0.25\t0.5\n \n# nothing\n1,0.25,0.5,0.5,0.5",
        "0 0.5 0.5 0.25 0.5 # caf\u00e9\n0 0.50 0.5 .25 5e-1\n1 0.25 0.5 0.5 0.5\n",
    ],
)
def test_line_ends_marks_and_comments(tmp_path: Path, text: str) -> None:
    labels = read(written(tmp_path / "x.txt", text))
    assert labels.classes.tolist() == [0, 1]
    assert labels.boxes.tolist() == [[0.5, 0.5, 0.25, 0.5], [0.25, 0.5, 0.5, 0.5]]
    assert labels.repeated == text.count("0.50")


def test_a_repeated_line_is_one_object_whatever_its_form(tmp_path: Path) -> None:
    lines = [
        "0 0.5 0.5 0.5 0.5",
        "0 .50 0.5 5e-1 0.5",
        "1 0.5 0.5 0.5 0.5",
        "# 0",
        "0\t.5 .5 .5 .5",
    ]
    labels = read(written(tmp_path / "x.txt", "\n".join(lines)))
    assert labels.classes.tolist() == [0, 1]
    assert labels.repeated == 2


def test_faults_are_gathered_with_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "x.txt", "0 0.5 0.5 0.5 0.5\n\n7 0.5 0.5 0.5 0.5\nx\n")
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value).startswith(
        f"2 faults in the data: {path}, line 3: class 7 is out of range"
    )
    assert f"{path}, line 4: " in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"0 0.5 \xff\n", "expected UTF-8 text, got byte 0xff at 6"),
        ("0 0.5 0.5 0.5 0.5".encode("utf-16"), "got UTF-16; save it as UTF-8"),
    ],
)
def test_labels_that_are_no_text(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read(written(tmp_path / "x.txt", content))
    assert str(caught.value).startswith(f"cannot read labels {tmp_path / 'x.txt'}: ")


def test_labels_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkdir(tmp_path / "x.txt")
    with pytest.raises(UsageError, match=r"cannot read labels .*: Is a directory"):
        read(tmp_path / "x.txt")
    assert len(read(tmp_path / "nothing.txt").classes) == 0


unit = st.floats(1e-6, 1)
inside = st.tuples(st.integers(0, 4), unit, unit, unit, unit).map(
    # From two shares to a box inside the image: the side, and where in the rest of it.
    lambda row: (
        row[0],
        row[3] / 2 + (1 - row[3]) * row[1],
        row[4] / 2 + (1 - row[4]) * row[2],
        *row[3:],
    )
)


@given(st.lists(inside, max_size=5, unique=True), st.integers(1, 5000), st.integers(1, 5000))
def test_pixel_boxes_give_back_the_lines(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, float, float, float, float]],
    width: int,
    height: int,
) -> None:
    path = tmp_path_factory.mktemp("labels") / "x.txt"
    path.write_text("".join(" ".join(map(repr, row)) + "\n" for row in rows))
    labels = read(path, 5)
    (truth,) = in_pixels([labels], [(width, height)])
    x1, y1, x2, y2 = truth.boxes.T
    table = np.array(rows).reshape(-1, 5)
    assert labels.classes.tolist() == table[:, 0].tolist()
    back = np.stack([(x1 + x2) / 2 / width, (y1 + y2) / 2 / height], axis=1)
    sides = np.stack([(x2 - x1) / width, (y2 - y1) / height], axis=1)
    np.testing.assert_allclose(np.concatenate([back, sides], axis=1), table[:, 1:], atol=1e-12)


@given(st.lists(st.floats(-0.1, 1.2), min_size=4, max_size=4), st.integers(-1, 3))
def test_plain_lines_are_read_as_all_others(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], label: int
) -> None:
    line = " ".join([str(label), *(f"{value:.4f}" for value in values)])
    faults = Faults()
    path = written(tmp_path_factory.mktemp("labels") / "x.txt", line)
    (labels,) = read_labels([path], LineFormat(3), faults)
    try:
        _, row = read_line(line, LineFormat(3))
    except WrongLine:
        assert faults.count == 1
    else:
        assert [labels.classes[0], *labels.boxes[0].tolist()] == list(row)


def test_files_read_together_are_those_read_alone(tmp_path: Path) -> None:
    texts = [
        "0 0.5 0.5 0.25 0.5\n1 0.25 0.5 0.5 0.5\n",
        "",
        "1 0.5 0.5 0.25 0.5",
        "0 0.5 0.5 0.25 0.5\n0 0.50 0.5 0.25 0.5\n",
        "\n\n",
        "0 0.5 0.5 0.2 1.0021\n",
        "0\t0.5 0.5 0.25 0.5 \n",
        "0 0.5  0.5 0.5\n",
        "1 0.1 0.1 0.5 0.1 0.5 0.4\n",
        "0 0.5 0.5 0.25 0.5\n\n1 0.5 0.5 0.25 0.5\n",
        "0 1_0 0.5 0.25 0.5\n",
        "0.5 0.5 0.5 0.25 0.5\n",
        "-1 0.5 0.5 0.25 0.5\n",
        "2 0.5 0.5 0.25 0.5\n",
        "0 nan 0.5 0.25 0.5\n",
    ]
    paths: list[Path | None] = [
        written(tmp_path / f"{number}.txt", text) for number, text in enumerate(texts)
    ]
    paths += [None, tmp_path / "nowhere.txt"]
    together, alone = Faults(), Faults()
    read = read_labels(paths, LineFormat(2), together)
    for path, labels in zip(paths, read, strict=True):
        (own,) = read_labels([path], LineFormat(2), alone)
        assert labels.classes.tolist() == own.classes.tolist()
        assert labels.boxes.tolist() == own.boxes.tolist()
        assert (labels.repeated, labels.clipped) == (own.repeated, own.clipped)
    assert together.count == alone.count == 6
    with pytest.raises(UsageError) as all_faults:
        together.refuse()
    with pytest.raises(UsageError) as each_fault:
        alone.refuse()
    assert str(all_faults.value) == str(each_fault.value)


def test_objects_in_pixels_are_those_of_each_image_by_itself(tmp_path: Path) -> None:
    first = read(written(tmp_path / "a.txt", "0 0.5 0.5 0.25 0.5\n1 0.25 0.5 0.5 0.5\n"))
    second = read(written(tmp_path / "b.txt", "1 0.5 0.5 1 1\n"))
    truths = in_pixels([first, second, first], [(8, 4), (3, 5), (0, 0)])
    assert [truth.boxes.tolist() for truth in truths] == [
        [[3, 1, 5, 3], [0, 1, 4, 3]],
        [[0, 0, 3, 5]],
        [[0, 0, 0, 0], [0, 0, 0, 0]],
    ]
    assert [truth.areas.tolist() for truth in truths] == [[4, 8], [15], [0, 0]]
    assert [truth.labels.tolist() for truth in truths] == [[0, 1], [1], [0, 1]]
    assert in_pixels([], []) == []
