"""Apply a trained model to files, and explain single predictions."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.config import OPTION_GROUPS, build
from nntasks.errors import NNTasksError, RunFailed, UsageError, did_you_mean
from nntasks.interfaces import Model, Task
from nntasks.machine import progress
from nntasks.registry import discover
from nntasks.run_folder import RunFolder
from nntasks.runner import final_weights, make_task
from nntasks.runner.input_files import expand
from nntasks.runner.output_files import OutputFolder
from nntasks.runner.task_making import stored_keys
from nntasks.storage import atomic_write
from nntasks.storage.csv_text import to_csv

_LISTED = 20  # problems that are listed


@dataclass(frozen=True)
class Written:
    """The output of `predict`: records, files and the number of sources."""

    records: list[dict[str, Any]]
    files: list[Path]
    sources: int


def open_model(
    target: str, weights: Path | None, layers: list[Mapping[str, Any]]
) -> tuple[Task, Model]:
    """Return the task and the model of a run, or of a task with weights.

    Raises:
        UsageError: `target` is neither, or is a task without weights.
    """
    if _names_run(target):
        folder = RunFolder.open(Path(target))
        name, stored = stored_keys(folder)
        weights = weights or folder.path
        task = make_task(name, [stored, *layers])
    else:
        task = make_task(target, layers)
        weights = weights or task.config.weights
        if weights is None:
            raise UsageError(
                f"predicting with task {target!r} needs --weights FILE; or give a run instead, "
                f"such as runs/{target}/latest"
            )
    return task, task.load_model(final_weights(Path(weights)), None)


def predict(task: Task, model: Model, sources: Sequence[str], out: Path) -> Written:
    """Apply the model to files; write one picture per file, predictions.json and predictions.csv.

    All sources are resolved before the first is read. Unreadable files are skipped; the error
    lists them after all others are written.

    Raises:
        UsageError: a source matches nothing, `out` cannot be written or has files of the user (see
            `OutputFolder`), or no file can be read.
        RunFailed: some files cannot be read.
    """
    if type(task).predict_sources is Task.predict_sources:
        raise UsageError(f"task {task.context.task!r} does not support predictions on files")
    paths = expand(sources, task.source_suffixes)
    folder = OutputFolder(out, paths)
    records: list[dict[str, Any]] = []
    problems: list[str] = []
    with progress.bar("predicting", len(paths)) as advance:
        results = task.predict_sources(model, paths)
        for path, result in zip(paths, results, strict=True):
            records += [{"file": str(path), **record} for record in result.records]
            if result.problem:
                problems.append(result.problem)
            contents = dict(result.files)
            if result.picture is not None:
                contents = {".jpg": _as_jpeg(result.picture), **contents}
            if contents:
                folder.write(path, contents)
            advance()
    if len(problems) < len(paths):
        folder.write_table("predictions.json", atomic_write.to_json(records))
        folder.write_table("predictions.csv", to_csv(records, ["file"]))
    if problems:
        raise _not_read(problems, len(paths))
    return Written(records, folder.written, len(paths))


def _not_read(problems: Sequence[str], count: int) -> NNTasksError:
    more = f"; and {len(problems) - _LISTED} more" if len(problems) > _LISTED else ""
    listed = "; ".join(problems[:_LISTED]) + more
    if len(problems) == count:
        return UsageError(f"{listed}; none of {count} files could be predicted")
    return RunFailed(
        f"{count - len(problems)} of {count} files were predicted; {len(problems)} could not be "
        f"read: {listed}"
    )


def explain(target: str, weights: Path | None, source: str, words: Mapping[str, Any]) -> Any:
    """Explain one number of a model's output for `source`.

    Args:
        target: a run, or a task with `weights`.
        weights: a weights file or a run; None for the weights of `target`.
        source: the input of the model.
        words: `ExplainOptions` and keys of the task.
    """
    task = _task_class(target)
    if task.explain is Task.explain:
        raise UsageError(f"{target!r} does not support explain")
    options = set(task.ExplainOptions.model_fields)
    _require_known(task, options, words)
    query = build(task.ExplainOptions, {k: v for k, v in words.items() if k in options})
    configured, model = open_model(
        target, weights, [{k: v for k, v in words.items() if k not in options}]
    )
    return configured.explain(model, source, query)


def _require_known(task: type[Task], options: set[str], words: Mapping[str, Any]) -> None:
    """Check that every key is an option of `explain` or a key of the task."""
    keys = task.Config.model_fields
    for word in words:
        if word in options or word in keys or word.partition(".")[0] in OPTION_GROUPS:
            continue
        hint = did_you_mean(word, [*options, *keys])
        known = ", ".join(f"{name}=" for name in sorted(options)) or "no options"
        raise UsageError(f"unknown key {word}.{hint} explain takes {known}, and keys of the task")


def _names_run(target: str) -> bool:
    """Return whether a target is the folder of a run and not the name of a task.

    Raises:
        UsageError: it is a path, but there is no folder.
    """
    path = Path(target).expanduser()
    if path.is_dir():
        return True
    if "/" in target or os.sep in target or path.is_symlink():
        raise UsageError(f"expected the folder of a run, found none at {target}")
    return False


def _task_class(target: str) -> type[Task]:
    if _names_run(target):
        target, _ = stored_keys(RunFolder.open(Path(target)))
    return contracts.task_class(discover(), target)


def _as_jpeg(picture: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, format="JPEG", quality=92)
    return content.getvalue()
