"""COCO annotation files: what is read, and files that are refused as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from coco_set import content, read, write

from nntasks.errors import UsageError


def test_samples_are_in_the_order_of_ids_and_labels_in_the_order_of_categories(
    folder: Path,
) -> None:
    part = read(write(folder, content()), folder / "images")
    assert [sample.image_id for sample in part.samples] == [3, 20]
    assert part.categories == {7: "train", 90: "toothbrush"}
    assert list(part.categories) == [7, 90]
    empty, truth = (sample.truth for sample in part.samples)
    assert truth.labels.tolist() == [1, 0]
    assert truth.crowd.tolist() == [False, True]
    assert truth.areas.tolist() == [0.06, 0.0]
    assert truth.boxes.tolist() == [[0.1, 0.2, 0.1 + 0.3, 0.2 + 0.4], [5, 6, 15, 6]]
    for one in (empty, truth):
        assert (one.boxes.dtype, one.labels.dtype) == (np.float64, np.int64)
        assert (one.crowd.dtype, one.areas.dtype) == (np.bool_, np.float64)
    assert empty.boxes.shape == (0, 4)
    assert part.samples[0].read().shape == (30, 40, 3)


def test_ids_may_be_text(folder: Path) -> None:
    value = content()
    value["images"][0]["id"] = "twenty"
    for row in value["annotations"]:
        row["image_id"] = "twenty"
    part = read(write(folder, value), folder / "images")
    assert [sample.image_id for sample in part.samples] == [3, "twenty"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"images": [],\n "annotations" []}', "is not JSON: .* at line 2, column 16"),
        ("", "is not JSON: .* at line 1, column 1"),
        ("[]", "expected a mapping with images, annotations, categories, got list"),
        ('[{"image_id": 1, "score": 0.5}]', "got list; it looks like a file of results"),
        ("[" * 100_000, "is not JSON that can be read"),
        ('{"images": ' + "9" * 5000 + "}", "is not JSON that can be read"),
    ],
)
def test_files_that_are_not_json(folder: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(write(folder, text), folder / "images")


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "truth.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        read(folder / "truth.json", folder / "images")
