"""Large files give the numbers of small ones, and what is not plain is left to the readers."""

from __future__ import annotations

import gzip
import json

import pytest
from boxes_in_formats import coco, results, table
from detection_oracle import hard_data

from nntasks.plugins.yolo_detect.scoring import plain_coco
from nntasks.scoring import score


@pytest.fixture
def large(monkeypatch):
    """Have every file be a large one."""
    monkeypatch.setattr(plain_coco, "_LARGE", 0)


@pytest.mark.parametrize(("seed", "suffix"), [(0, ""), (1, ""), (2, ".gz")])
def test_the_numbers_are_those_of_the_readers(tmp_path, monkeypatch, seed, suffix):
    dataset, rows = hard_data(seed)
    dataset["annotations"][3]["id"] = 0
    truth, found = tmp_path / f"truth.json{suffix}", tmp_path / f"found.json{suffix}"
    packed = gzip.compress if suffix else bytes
    truth.write_bytes(packed(json.dumps(dataset).encode()))
    found.write_bytes(packed(json.dumps(rows).encode()))
    careful = score("yolo_detect", truth, found)
    monkeypatch.setattr(plain_coco, "_LARGE", 0)
    assert plain_coco.plain_problems(truth, {"found": found}) is not None
    fast = score("yolo_detect", truth, found)
    assert fast.notes == careful.notes
    for own, other in zip(fast.found, careful.found, strict=True):
        for name, numbers in own.conventions.items():
            expected = pytest.approx(other.conventions[name], abs=1e-12, rel=0, nan_ok=True)
            assert numbers == expected


def test_other_files_are_left_to_the_readers(tmp_path, large):
    truth, plain = coco(tmp_path), results(tmp_path, "plain.json")
    for own in (plain, results(tmp_path)):  # the second is compressed
        assert plain_coco.plain_problems(truth, {"a": own}) is not None
    for other in (table(tmp_path / "t.csv", [("a", 3, 0.5, 0, 0, 1, 1)]), {}):
        assert plain_coco.plain_problems(truth, {"a": other}) is None
    rows = json.loads(plain.read_text())
    plain.write_text(json.dumps([*rows, {**rows[0], "score": 7}]))
    assert plain_coco.plain_problems(truth, {"a": plain}) is None


def test_a_damaged_file_is_left_to_the_readers(tmp_path, large):
    truth = coco(tmp_path)
    damaged = tmp_path / "found.json.gz"
    damaged.write_bytes(gzip.compress(results(tmp_path, "plain.json").read_bytes())[:-9])
    assert plain_coco.plain_problems(truth, {"a": damaged}) is None
