"""One evaluation in parts that any scheduler can run, and its number from the parts."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.errors import UsageError
from nntasks.interfaces import Splits, Task
from nntasks.machine import progress
from nntasks.machine.joining import place
from nntasks.run_folder import RunFolder
from nntasks.runner.commands import evaluated_task, evaluation_run
from nntasks.runner.evaluation import Evaluation, evaluation_batch, evaluation_of, measure
from nntasks.runner.fingerprint import difference, fingerprint
from nntasks.runner.result import RunResult
from nntasks.runner.shard_files import merge_shard, read_header, write_shard
from nntasks.runner.stored_config import stored_config
from nntasks.runner.weights import starting_model

_MOST = 100_000


@dataclass(frozen=True)
class Shard:
    """A part of an evaluation: number 1 to `count`."""

    number: int
    count: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """Read "2/8".

        Raises:
            UsageError: it is no part.
        """
        first, _, second = text.partition("/")
        if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in (first, second)):
            raise UsageError(f"--shard: expected I/N, such as 1/4 to 4/4, got {text!r}")
        number, count = int(first), int(second)
        if not 1 <= number <= count <= _MOST:
            raise UsageError(f"--shard: expected I/N with I from 1 to N, got {text}")
        return cls(number, count)

    @property
    def file(self) -> Path:
        """The name of its file, unless the user gives one."""
        return Path(f"shard-{self.number}-of-{self.count}.safetensors")


def evaluate_shard(
    path: Path, layers: list[Mapping[str, Any]], shard: Shard, file: Path, *, quiet: bool = False
) -> Path:
    """Evaluate a part of a run's test split and write the state of the metrics.

    Batch b of the evaluation belongs to shard b modulo the number of shards.

    Args:
        path: the run.
        layers: changed keys, the same for all shards.
        shard: which part.
        file: what to write.
        quiet: whether to show no progress.

    Returns:
        the file.
    """
    if place().size > 1:
        raise UsageError("a shard is evaluated by one process; leave out torchrun")
    task, weights = evaluated_task(RunFolder.open(path), layers)
    splits = contracts.load_data(task)
    model, _ = starting_model(task, splits, None)
    metrics = contracts.task_metrics(task, splits.info)
    with progress.bar("evaluating", len(splits.test), show=not quiet) as advance:
        found = measure(
            model,
            splits.test,
            metrics,
            batch_size=evaluation_batch(task),
            part=(shard.number - 1, shard.count),
            advance=advance,
        )
    header = {
        **_identity(task, splits, weights),
        "keys": {key: value for layer in layers for key, value in layer.items()},
        "shard": shard.number,
        "of": shard.count,
    }
    write_shard(file, header, found)
    return file


def merge_shards(path: Path, files: Sequence[Path], *, quiet: bool = False) -> RunResult:
    """Compute the numbers of an evaluation from all its shards, and report them as a new run.

    Args:
        path: the run that was evaluated.
        files: the shards, in any order; one at a time is in memory.
        quiet: whether to show no progress.

    Raises:
        UsageError: shards are missing, given twice, or of another run, data or keys.
    """
    headers = [(file, read_header(file)) for file in files]
    _check_whole(headers)
    header = headers[0][1]
    task, weights = evaluated_task(RunFolder.open(path), [header["keys"]])

    def merged(splits: Splits) -> Evaluation:
        expected = _identity(task, splits, weights)
        for file, own in headers:
            _check_same(file, own, expected, str(path))
        metrics = contracts.task_metrics(task, splits.info)
        whole = {name: metric.fresh() for name, metric in metrics.items()}
        for number, file in enumerate(files, 1):
            merge_shard(file, whole)
            if not quiet:
                print(f"merged {file} ({number}/{len(files)})", file=sys.stderr, flush=True)
        return evaluation_of(whole)

    return evaluation_run(task, RunFolder.open(path), quiet, merged)


def _identity(task: Task, splits: Splits, weights: Path) -> dict[str, Any]:
    """Return what must be equal in all shards of an evaluation."""
    config = {key: value for key, value in stored_config(task).items() if key != "weights"}
    with weights.open("rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    found = fingerprint(splits)
    data = {"classes": found["classes"], "test": found.get("test", {})}
    return {"task": task.context.task, "config": config, "weights": digest, "data": data}


def _check_whole(headers: Sequence[tuple[Path, Mapping[str, Any]]]) -> None:
    if not headers:
        raise UsageError("--merge: expected the files of all shards, got none")
    seen: dict[int, Path] = {}
    first, count = headers[0][0], int(headers[0][1]["of"])
    for file, header in headers:
        number = int(header["shard"])
        if header["of"] != count:
            raise UsageError(
                f"{file} is shard {number} of {header.get('of')}, but {first} is one of {count}"
            )
        if number in seen:
            raise UsageError(f"{file} and {seen[number]} are both shard {number} of {count}")
        seen[number] = file
    missing = sorted(set(range(1, count + 1)) - seen.keys())
    if missing:
        numbers = f"{', '.join(map(str, missing[:8]))}{', ...' if len(missing) > 8 else ''}"
        raise UsageError(f"{len(missing)} of {count} shards are missing: {numbers}")


def _check_same(file: Path, own: Mapping[str, Any], expected: Mapping[str, Any], run: str) -> None:
    again = "make all shards again"
    if own.get("task") != expected["task"]:
        raise UsageError(f"{file} is of the task {own.get('task')}, {run} of {expected['task']}")
    if own.get("weights") != expected["weights"]:
        raise UsageError(f"{file} was evaluated with other weights than those of {run}; {again}")
    keys = [
        key
        for key in {**own["config"], **expected["config"]}
        if own["config"].get(key) != expected["config"].get(key)
    ]
    if keys:
        one, other = own["config"].get(keys[0]), expected["config"].get(keys[0])
        raise UsageError(f"{file} was evaluated with {keys[0]}={one}, not {other}; {again}")
    found = difference(own["data"], expected["data"])
    if found:
        raise UsageError(f"{file} was evaluated on other data: {found}; {again}")
