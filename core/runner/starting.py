"""A run, from a name and some keys to numbers, pictures and a report."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.config import flatten, read_config_file
from nntasks.datasets import checksums
from nntasks.errors import NNTasksError, UsageError
from nntasks.interfaces import Task
from nntasks.machine import environment
from nntasks.machine.distributed import Workers
from nntasks.run_folder import RunFolder
from nntasks.runner.result import RunResult
from nntasks.runner.session import Session
from nntasks.runner.task_making import make_task, task_of
from nntasks.runner.weights import final_weights, starting_model


def run(
    task: str,
    *,
    config: Path | str | None = None,
    out: Path | str = "runs",
    quiet: bool = True,
    **keys: Any,
) -> RunResult:
    """Run a task: `nntasks.run("yolo_detect", epochs=3)`.

    Args:
        task: name of the task.
        config: YAML file of keys, applied before `keys`.
        out: folder in which the run's own folder is created.
        quiet: print nothing.
        keys: the task's keys; options of data and model as `data_options={...}`.
    """
    layers = [read_config_file(Path(config))] if config else []
    return start(task, [*layers, keys], out=Path(out), quiet=quiet)


def start(
    name: str,
    layers: list[Mapping[str, Any]],
    *,
    out: Path = Path("runs"),
    quiet: bool = False,
    dry_run: bool = False,
) -> RunResult:
    """Start a new run (steps 2 to 10 of the design)."""
    task = make_task(name, layers)
    if dry_run:
        return _dry_run(task)
    with _joined() as workers:
        # Before anything is written: missing data or unfit weights leave no folder.
        splits = contracts.load_data(task)
        model, trained = starting_model(task, splits, None)
        folder = _create_folder(task, out, workers)
        session = Session(task, splits, folder, workers, quiet)
        return session.complete(model, trained)


def resume(path: Path, *, quiet: bool = False) -> RunResult:
    """Go on with a run that was stopped, killed or failed; a complete one is returned as it is."""
    folder = RunFolder.open(path)
    summary = folder.read_json("summary.json")
    if summary is not None:
        return RunResult(summary, folder.path)
    task = task_of(folder)
    with _joined() as workers:
        splits = contracts.load_data(task)
        session = Session(task, splits, folder, workers, quiet)
        model, trained = starting_model(task, splits, session.handle.checkpoints.final)
        return session.complete(model, trained)


def evaluate_run(path: Path, layers: list[Mapping[str, Any]], *, quiet: bool = False) -> RunResult:
    """Evaluate the weights of a run again, with changed keys, into a run folder of its own."""
    folder = RunFolder.open(path)
    weights = final_weights(folder.path)
    stored = read_config_file(folder.path / "config.yaml")
    stored = {key: value for key, value in stored.items() if key != "pretrained"}
    out = folder.path.parent.parent
    return start(
        str(stored["task"]), [stored, *layers, {"weights": str(weights)}], out=out, quiet=quiet
    )


def _create_folder(task: Task, out: Path, workers: Workers) -> RunFolder:
    """Create the run's folder in the main process; the others open it."""
    problem: NNTasksError | None = None
    path = None
    if workers.is_main:
        try:
            described = environment.describe(task.context.registry)
            described["data"] = _data_checksums(task)
            described["processes"] = workers.size
            path = RunFolder.create(out, task.context.task, flatten(task.config), described).path
        except NNTasksError as error:
            problem = error
    path, failed = workers.broadcast((path, problem and str(problem)))
    if problem:
        raise problem
    if failed:
        raise UsageError(failed)
    return RunFolder(path)


def _data_checksums(task: Task) -> dict[str, str]:
    dataset = task.context.dataset_class(task.config)
    return checksums(dataset) if dataset.folder else {}


def _dry_run(task: Task) -> RunResult:
    """Do everything that comes before the first step, and write nothing."""
    splits = contracts.load_data(task)
    model, _ = starting_model(task, splits, None)
    contracts.task_metrics(task, splits.info)
    return RunResult(
        {
            "task": task.context.task,
            "dry_run": True,
            "config": flatten(task.config),
            "samples": {
                part: len(split)
                for part in ("train", "validation", "test")
                if (split := getattr(splits, part)) is not None
            },
            "classes": list(splits.info.classes),
            "model_numbers": model.parameter_count(),
        },
        None,
    )


@contextlib.contextmanager
def _joined() -> Iterator[Workers]:
    workers = Workers.join()
    try:
        yield workers
    finally:
        workers.leave()
