"""Applying a trained model to a user's files, and explaining single numbers of it."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.config import OPTION_GROUPS, build, read_config_file
from nntasks.errors import UsageError, did_you_mean
from nntasks.interfaces import Model, Task
from nntasks.machine import progress
from nntasks.registry import discover
from nntasks.run_folder import RunFolder
from nntasks.runner import final_weights, make_task
from nntasks.runner.input_files import expand
from nntasks.storage import atomic_write
from nntasks.storage.csv_text import to_csv
from nntasks.storage.failures import cannot_write

_NAMED = 3  # problems that are spelt out


@dataclass(frozen=True)
class Written:
    """What `predict` wrote: all records, and the files."""

    records: list[dict[str, Any]]
    files: list[Path]


def open_model(
    target: str, weights: Path | None, layers: list[Mapping[str, Any]]
) -> tuple[Task, Model]:
    """Return the task and the model that a run, or a task with weights, stands for.

    Raises:
        UsageError: `target` is neither, or a task was named without weights.
    """
    if _names_run(target):
        folder = RunFolder.open(Path(target))
        stored = read_config_file(folder.path / "config.yaml")
        weights = weights or folder.path
        task = make_task(str(stored["task"]), [stored, *layers])
    else:
        task = make_task(target, layers)
        weights = weights or task.config.weights
        if weights is None:
            raise UsageError(
                f"predicting with task {target!r} needs --weights FILE; or name a run instead, "
                f"such as runs/{target}/latest"
            )
    return task, task.load_model(final_weights(Path(weights)), None)


def predict(task: Task, model: Model, sources: Sequence[str], out: Path) -> Written:
    """Apply the model to files; write a picture each, predictions.json and predictions.csv.

    Every source is found before the first is read. A file that cannot be read is passed over; the
    others are predicted, and then the error names it.

    Raises:
        UsageError: a source names nothing, `out` cannot be written, or files cannot be read.
    """
    if type(task).predict_sources is Task.predict_sources:
        raise UsageError(f"task {task.context.task!r} does not predict from files")
    paths = expand(sources, task.source_suffixes)
    names = _picture_names(paths)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(cannot_write(out, error, "choose another --out")) from error
    records: list[dict[str, Any]] = []
    written: list[Path] = []
    problems: list[str] = []
    with progress.bar("predicting", len(paths)) as advance:
        results = task.predict_sources(model, paths)
        for path, name, result in zip(paths, names, results, strict=True):
            records += [{"file": str(path), **record} for record in result.records]
            if result.problem:
                problems.append(result.problem)
            if result.picture is not None:
                written.append(out / name)
                _write_picture(out / name, result.picture)
            for ending, content in result.files.items():
                written.append(out / f"{Path(name).stem}{ending}")
                atomic_write.write_bytes(written[-1], content)
            advance()
    if len(problems) < len(paths):
        atomic_write.write_text(out / "predictions.json", atomic_write.to_json(records))
        atomic_write.write_text(out / "predictions.csv", to_csv(records, ["file"]))
        written += [out / "predictions.json", out / "predictions.csv"]
    if problems:
        others = f"; {len(paths) - len(problems)} of {len(paths)} files were predicted"
        raise UsageError("; ".join(problems[:_NAMED]) + others)
    return Written(records, written)


def explain(target: str, weights: Path | None, source: str, words: Mapping[str, Any]) -> Any:
    """Explain one number that a model gave for `source`.

    Args:
        target: a run, or a task with `weights`.
        weights: a file of weights or a run; None for those of `target`.
        source: what the model reads.
        words: options of the task's `ExplainOptions`, and keys of the task.
    """
    task = _task_class(target)
    if task.explain is Task.explain:
        raise UsageError(f"{target!r} has nothing to explain")
    asked = set(task.ExplainOptions.model_fields)
    _require_known(task, asked, words)
    query = build(task.ExplainOptions, {k: v for k, v in words.items() if k in asked})
    configured, model = open_model(
        target, weights, [{k: v for k, v in words.items() if k not in asked}]
    )
    return configured.explain(model, source, query)


def _require_known(task: type[Task], asked: set[str], words: Mapping[str, Any]) -> None:
    """Refuse a word that is neither a question of `explain` nor a key of the task."""
    keys = task.Config.model_fields
    for word in words:
        if word in asked or word in keys or word.partition(".")[0] in OPTION_GROUPS:
            continue
        hint = did_you_mean(word, [*asked, *keys])
        questions = ", ".join(f"{name}=" for name in sorted(asked)) or "no question"
        raise UsageError(
            f"unknown key {word}.{hint} explain takes {questions}, and keys of the task"
        )


def _names_run(target: str) -> bool:
    """Say whether a word is the folder of a run, not the name of a task.

    Raises:
        UsageError: it is written as a path, but no folder is there.
    """
    path = Path(target).expanduser()
    if path.is_dir():
        return True
    if "/" in target or os.sep in target or path.is_symlink():
        raise UsageError(f"expected the folder of a run, found none at {target}")
    return False


def _task_class(target: str) -> type[Task]:
    if _names_run(target):
        stored = read_config_file(RunFolder.open(Path(target)).path / "config.yaml")
        target = str(stored["task"])
    return contracts.task_class(discover(), target)


def _picture_names(paths: Sequence[Path]) -> list[str]:
    """Name pictures after their files, telling apart files of one name from several folders."""
    names: list[str] = []
    for path in paths:
        name, number = f"{path.stem}.jpg", 2
        while name in names:
            name, number = f"{path.stem}-{number}.jpg", number + 1
        names.append(name)
    return names


def _write_picture(path: Path, picture: Any) -> None:
    content = io.BytesIO()
    picture.save(content, format="JPEG", quality=92)
    atomic_write.write_bytes(path, content.getvalue())
