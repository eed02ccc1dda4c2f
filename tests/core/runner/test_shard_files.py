"""The file of a part of an evaluation: its states come back, and what is no such file is named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import Metric
from nntasks.run_folder.array_files import dump_arrays
from nntasks.runner.shard_files import merge_shard, read_header, write_shard

HEADER = dict.fromkeys(("task", "config", "weights", "data", "keys"), "x") | {"shard": 1, "of": 2}


class Seen(Metric):
    """Keeps what it sees in many forms; `names` is a setting."""

    def __init__(self, names):
        self.names = names
        self.reset()

    def reset(self):
        self.count, self.values, self.rows = 0, np.zeros(0), []

    def update(self, predictions, targets, ids):
        self.count += len(ids)
        self.values = np.concatenate([self.values, predictions])
        self.rows += [{"id": name, "parts": (name, None)} for name in ids]

    def merge(self, other):
        self.count += other.count
        self.values = np.concatenate([self.values, other.values])
        self.rows += other.rows

    def compute(self):
        return {"count": self.count}

    def definitions(self):
        return {"count": "how many"}

    def fresh(self):
        return Seen(self.names)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "shards" / "1of2"


def seen(*ids):
    metric = Seen(["a"])
    metric.update(np.arange(float(len(ids))), None, ids)
    return metric


def test_header_and_state_come_back(file):
    write_shard(file, HEADER, {"seen": seen("a", "b")})
    assert read_header(file) == {"format": 1, **HEADER}
    whole = seen("z")
    merge_shard(file, {"seen": whole})
    assert whole.count == 3
    assert whole.values.tolist() == [0, 0, 1]
    assert whole.rows[1:] == [{"id": "a", "parts": ("a", None)}, {"id": "b", "parts": ("b", None)}]


def test_settings_are_those_of_the_metric_that_is_merged_into(file):
    write_shard(file, HEADER, {"seen": seen("a")})
    other = Seen(["b", "c"])
    merge_shard(file, {"seen": other})
    assert (other.names, other.count) == (["b", "c"], 1)


def test_a_state_that_cannot_be_stored_leaves_no_file(file):
    metric = seen()
    metric.rows = [print]
    with pytest.raises(PluginError, match=r"metric 'seen': its state holds .*which cannot be stor"):
        write_shard(file, HEADER, {"seen": metric})
    assert not file.exists()


def test_the_metrics_must_be_the_same(file):
    write_shard(file, HEADER, {"seen": seen("a")})
    with pytest.raises(UsageError, match="has the metrics seen, expected seen, more"):
        merge_shard(file, {"seen": seen(), "more": seen()})


@pytest.mark.parametrize(
    "content",
    [
        {"w": np.ones(2)},
        {"header": np.frombuffer(b"no json", np.uint8), "nodes": np.zeros(1, np.uint8)},
        {"header": np.frombuffer(b"[1]", np.uint8), "nodes": np.frombuffer(b"[1]", np.uint8)},
        {"header": np.frombuffer(b"{}  ", np.int32), "nodes": np.frombuffer(b"{}  ", np.int32)},
    ],
)
def test_other_arrays_are_no_shard(tmp_path, content):
    (tmp_path / "a").write_bytes(dump_arrays(content))
    for read in (read_header, lambda file: merge_shard(file, {})):
        with pytest.raises(UsageError, match="is not a shard of an evaluation: expected a file"):
            read(tmp_path / "a")


@pytest.mark.parametrize("change", [{"format": 2}, {"of": None}])
def test_a_shard_of_another_version(file, change):
    header = {k: v for k, v in {**HEADER, **change}.items() if v is not None}
    write_shard(file, header, {})
    with pytest.raises(UsageError, match="was written by another version; make all shards again"):
        read_header(file)


@pytest.mark.parametrize(
    "node", [{}, {"kind": "none"}, {"kind": "?"}, {"mixed": "7", "columns": []}]
)
def test_a_damaged_state_is_named(tmp_path, node):

    header, nodes = ({"format": 1, **HEADER}, {"seen": node})
    arrays = {"header": header, "nodes": nodes}
    content = {k: np.frombuffer(json.dumps(v).encode(), np.uint8) for k, v in arrays.items()}
    (tmp_path / "a").write_bytes(dump_arrays(content))
    with pytest.raises(UsageError) as told:
        merge_shard(tmp_path / "a", {"seen": seen()})
    assert str(told.value).startswith(str(tmp_path / "a"))
