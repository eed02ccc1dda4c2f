"""The file of a part of an evaluation: what was evaluated, and the state of its metrics.

A safetensors file: the arrays of `state_columns`, and two of JSON, `header` and `nodes`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import Metric
from nntasks.run_folder.array_files import dump_arrays, load_arrays
from nntasks.runner.state_columns import Reader, Writer
from nntasks.storage import atomic_write

_FORMAT = 1
_FIELDS = {"task", "config", "weights", "data", "keys", "shard", "of"}
_HEADER, _NODES = "header", "nodes"


def write_shard(file: Path, header: Mapping[str, Any], metrics: Mapping[str, Metric]) -> None:
    """Write the states of metrics.

    Raises:
        PluginError: a state cannot be stored.
        RunFailed: the file cannot be written.
    """
    writer, nodes = Writer(), {}
    for name, metric in metrics.items():
        try:
            nodes[name] = writer.column([_changed(metric)])
        except PluginError as error:
            raise PluginError(
                f"metric {name!r}: its state holds {error}, which cannot be stored; keep numbers, "
                "texts, arrays, lists, mappings and objects of these"
            ) from None
    texts = {_HEADER: {"format": _FORMAT, **header}, _NODES: nodes}
    arrays = {name: _from_json(value) for name, value in texts.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    atomic_write.write_bytes(file, dump_arrays({**writer.arrays, **arrays}))


def _changed(metric: Metric) -> dict[str, Any]:
    """Return the attributes that differ from those of a fresh metric; settings do not."""
    before = vars(metric.fresh())
    return {
        name: value
        for name, value in vars(metric).items()
        if name not in before or not _is_equal(value, before[name])
    }


def _is_equal(value: Any, other: Any) -> bool:
    try:
        return value is other or (type(value) is type(other) and bool(value == other))
    except Exception:  # arrays have no single truth value; a plugin's may fail in any way
        return False


def read_header(file: Path) -> dict[str, Any]:
    """Return what a shard says about itself.

    Raises:
        UsageError: the file is no shard.
    """
    header = _json_of(file, load_arrays(file), _HEADER)
    if header.get("format") != _FORMAT or not header.keys() >= _FIELDS:
        raise UsageError(f"{file} was written by another version; make all shards again")
    return header


def merge_shard(file: Path, metrics: Mapping[str, Metric]) -> None:
    """Merge the states of a shard into metrics.

    Raises:
        UsageError: the file is damaged, or is of other metrics.
    """
    arrays = load_arrays(file)
    nodes = _json_of(file, arrays, _NODES)
    if nodes.keys() != metrics.keys():
        raise UsageError(
            f"{file} has the metrics {', '.join(nodes)}, expected {', '.join(metrics)}"
        )
    packages = frozenset(type(m).__module__.partition(".")[0] for m in metrics.values())
    reader = Reader(arrays, packages)
    for name, metric in metrics.items():
        twin = metric.fresh()
        try:
            (state,) = reader.column(nodes[name])
            vars(twin).update(state)
        except UsageError as error:
            raise UsageError(f"{file}: {error}") from error
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise UsageError(f"{file} is damaged: {error}; make this shard again") from error
        metric.merge(twin)


def _from_json(value: Any) -> np.ndarray:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def _json_of(file: Path, arrays: Mapping[str, np.ndarray], name: str) -> dict[str, Any]:
    try:
        value = json.loads(arrays[name].tobytes())
        if arrays[name].dtype != np.uint8 or not isinstance(value, dict):
            raise ValueError(name)
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"{file} is not a shard of an evaluation: expected a file that "
            "`nntasks evaluate RUN --shard I/N` has written"
        ) from error
    return value
