"""The calls behind the verbs: run a task, resume a run, evaluate a run again."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.datasets import checksums
from nntasks.interfaces import Splits, Task
from nntasks.machine import environment
from nntasks.machine.distributed import Workers
from nntasks.run_folder import RunFolder
from nntasks.runner import recovery
from nntasks.runner.evaluation import Evaluation
from nntasks.runner.fingerprint import fingerprint
from nntasks.runner.logs import logger_classes
from nntasks.runner.result import RunResult
from nntasks.runner.session import Session
from nntasks.runner.stored_config import stored_config
from nntasks.runner.task_making import make_task, stored_keys, task_of
from nntasks.runner.weights import final_weights, starting_model


def start(
    name: str,
    layers: list[Mapping[str, Any]],
    *,
    out: Path = Path("runs"),
    quiet: bool = False,
    dry_run: bool = False,
    created: Callable[[Path], None] = lambda folder: None,
) -> RunResult:
    """Start a new run and complete it.

    Args:
        name: of the task.
        layers: keys; later ones win.
        out: the folder of all runs.
        quiet: whether to print no progress.
        dry_run: whether to stop before the first step and write nothing.
        created: called in the main process with the folder of the run, before training.
    """
    task = make_task(name, layers)
    logger_classes(task)  # a missing package is reported before anything else
    if dry_run:
        return _dry_run(task)
    with joined() as workers:
        return _begin(task, out, workers, quiet, None, created=created)


def _begin(
    task: Task,
    out: Path,
    workers: Workers,
    quiet: bool,
    evaluated: RunFolder | None,
    evaluation: Callable[[Splits], Evaluation] | None = None,
    created: Callable[[Path], None] = lambda folder: None,
) -> RunResult:
    # Load before writing, so that missing data or wrong weights leave no folder.
    splits = contracts.load_data(task)
    model, trained = starting_model(task, splits, None)
    data = fingerprint(splits) if workers.is_main else {}
    if evaluated is not None and workers.is_main:
        recovery.notice_data(evaluated, task.config, data, task.context.warn)
    known = evaluation(splits) if evaluation else None
    folder = RunFolder(workers.once(lambda: _create_folder(task, out, workers, data)))
    with _held(folder, workers):
        if workers.is_main:
            created(folder.path)
        session = Session(task, splits, folder, workers, quiet, data)
        return session.complete(model, trained, known)


def resume(path: Path, *, quiet: bool = False) -> RunResult:
    """Resume a run that was stopped, killed or failed; return a complete run unchanged.

    Raises:
        UsageError: there is no run, another process uses it, its files are damaged beyond repair,
            or its data have changed.
    """
    folder = RunFolder.open(path)
    summary = folder.summary()
    if summary is not None:
        return RunResult(summary, folder.path)
    task = task_of(folder)
    logger_classes(task)
    with joined() as workers, _held(folder, workers):
        workers.once(lambda: recovery.recover(folder, _progress_log(folder, quiet)))
        splits = contracts.load_data(task)
        data = fingerprint(splits) if workers.is_main else {}
        workers.once(lambda: recovery.check_data(folder, task.config, data))
        session = Session(task, splits, folder, workers, quiet, data)
        model, trained = starting_model(task, splits, session.handle.checkpoints.final)
        return session.complete(model, trained)


def evaluate_run(path: Path, layers: list[Mapping[str, Any]], *, quiet: bool = False) -> RunResult:
    """Evaluate the weights of a run again, with changed keys, as a new run.

    Warns if the data have changed, unless the keys select other data.
    """
    folder = RunFolder.open(path)
    task, _ = evaluated_task(folder, layers)
    others = any(key.partition(".")[0] in ("data", "seed") for layer in layers for key in layer)
    with joined() as workers:
        out = folder.path.parent.parent
        return _begin(task, out, workers, quiet, None if others else folder)


def evaluated_task(folder: RunFolder, layers: list[Mapping[str, Any]]) -> tuple[Task, Path]:
    """Return the task that evaluates the weights of a run with changed keys, and the weights."""
    weights = final_weights(folder.path)
    name, stored = stored_keys(folder)
    stored.pop("pretrained", None)
    task = make_task(name, [stored, *layers, {"weights": str(weights)}])
    logger_classes(task)
    return task, weights


def evaluation_run(
    task: Task, folder: RunFolder, quiet: bool, evaluation: Callable[[Splits], Evaluation]
) -> RunResult:
    """Report an evaluation of the weights of `folder` that took place elsewhere, as a new run."""
    with joined() as workers:
        return _begin(task, folder.path.parent.parent, workers, quiet, None, evaluation)


def _create_folder(task: Task, out: Path, workers: Workers, data: Mapping[str, Any]) -> Path:
    described = environment.describe(task.context.registry)
    described["data"] = _data_checksums(task)
    described[recovery.IN_ENVIRONMENT] = dict(data)
    described["processes"] = workers.size
    name, config, warn = task.context.task, stored_config(task), task.context.warn
    return RunFolder.create(out, name, config, described, warn).path


@contextlib.contextmanager
def _held(folder: RunFolder, workers: Workers) -> Iterator[None]:
    """Lock the run in the main process; a failure is raised in all processes."""
    with contextlib.ExitStack() as stack:
        workers.once(lambda: stack.enter_context(folder.held(_to_stderr)))
        yield


def _progress_log(folder: RunFolder, quiet: bool) -> Callable[[str], None]:
    def say(line: str) -> None:
        folder.log(line)
        if not quiet:
            _to_stderr(line)

    return say


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _data_checksums(task: Task) -> dict[str, str]:
    dataset = task.context.choices.dataset
    return checksums(dataset) if dataset.folder else {}


def _dry_run(task: Task) -> RunResult:
    """Do everything before the first training step, without writing."""
    splits = contracts.load_data(task)
    model, _ = starting_model(task, splits, None)
    contracts.task_metrics(task, splits.info)
    return RunResult(
        {
            "task": task.context.task,
            "dry_run": True,
            "config": stored_config(task),
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
def joined() -> Iterator[Workers]:
    workers = Workers.join()
    try:
        yield workers
    except RuntimeError as error:
        raise workers.explained(error) from error
    finally:
        workers.leave()
