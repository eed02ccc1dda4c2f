"""`run`: train and evaluate a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from nntasks.cli import completion
from nntasks.cli.options import (
    USER_PATH,
    all_flag,
    dry_run_flag,
    json_flag,
    keys_argument,
    overrides,
    print_json,
    print_result,
    seed_and_device,
)
from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.machine.joining import place


@click.command("run")
@click.argument("task", required=False, shell_complete=completion.tasks)
@keys_argument
@click.option("--config", type=USER_PATH, help="YAML file of keys, or a recipe such as mnist.")
@seed_and_device
@click.option("--resume", type=USER_PATH, metavar="RUN", help="Resume a run.")
@dry_run_flag("Check the run and print its configuration; train and write nothing.")
@click.option(
    "--nproc", type=click.IntRange(1), default=1, help="Number of processes on this machine."
)
@click.option("--out", type=USER_PATH, default=Path("runs"), help="Folder for runs.")
@click.option(
    "--requeue",
    is_flag=True,
    help="In a Slurm job: requeue the job if Slurm stops it, and resume the run.",
)
@json_flag
@all_flag
def run_verb(
    task: str | None,
    keys: tuple[str, ...],
    config: Path | None,
    seed: str | None,
    device: str | None,
    resume: Path | None,
    dry_run: bool,
    nproc: int,
    out: Path,
    requeue: bool,
    as_json: bool,
    everything: bool,
) -> int:
    """Train or load a model, evaluate it and write a report.

    \b
    nntasks run yolo_detect                        the default
    nntasks run yolo_detect epochs=3 lr=0.005      two keys changed
    nntasks run cnn_classify --config mnist        a recipe, listed by `info`
    nntasks run yolo_detect data=coco128 weights=yolov5n.safetensors
    nntasks run --resume runs/yolo_detect/latest   resume a stopped run
    nntasks run yolo_detect --nproc 2              two processes

    `nntasks info TASK` lists the keys. Results go to stdout, progress to stderr.
    """
    layers = [*_file_of(task, config), overrides(keys, seed=seed, device=device)]
    _check_words(task, layers, resume)
    shown = _Shown(dry_run, as_json, everything)
    if not requeue:
        return _run(task, layers, resume, out, nproc, shown)
    from nntasks.cli.requeue import Requeue

    job = Requeue(out / task if task else Path(str(resume)).parent)
    again = resume or job.earlier()
    return job.watch(
        lambda stopped: _run(
            None if again else task, layers, again, out, nproc, shown, (stopped, job.remember)
        )
    )


class _Shown(NamedTuple):
    """What is printed."""

    dry_run: bool
    as_json: bool
    everything: bool


def _nothing(value: Any) -> None:
    """Do nothing."""


def _run(
    task: str | None,
    layers: list[Mapping[str, Any]],
    resume: Path | None,
    out: Path,
    nproc: int,
    shown: _Shown,
    told: tuple[Callable[[int], None], Callable[[Path], None]] = (_nothing, _nothing),
) -> int:
    """Run or resume; `told` are called with a signal that stopped it, and with the new run."""
    from nntasks import runner

    where = place()
    if nproc > 1 and where.size == 1:
        return _launched(task, layers, resume, out, nproc, told[0])
    if resume is not None:
        result = runner.resume(resume, quiet=shown.as_json)
    else:
        result = runner.start(
            str(task),
            layers,
            out=out,
            quiet=shown.as_json,
            dry_run=shown.dry_run,
            created=told[1],
        )
    if where.rank == 0:
        _print(result, shown)
    return 0


def _launched(
    task: str | None,
    layers: list[Mapping[str, Any]],
    resume: Path | None,
    out: Path,
    nproc: int,
    stopped: Callable[[int], None],
) -> int:
    """Run in processes of this machine, which get the words of this one."""
    from nntasks import runner

    if task is not None:  # report errors once, not from every process
        runner.logger_classes(runner.make_task(task, layers))
    from nntasks.cli.launch import launch

    words = click.get_current_context().obj
    return launch(nproc, words, resume or out / str(task) / "latest", stopped)


def _print(result: Any, shown: _Shown) -> None:
    from nntasks.storage.atomic_write import to_json_lines

    if shown.as_json:
        print_json(result.summary)
    elif shown.dry_run:
        click.echo(to_json_lines(dict(result.summary)), nl=False)
    else:
        print_result(result, shown.everything)


def _file_of(task: str | None, config: Path | None) -> list[Mapping[str, Any]]:
    """Return the keys of a recipe or a file, if one is given."""
    from nntasks.runner.recipes import find_recipe

    return [read_config_file(find_recipe(task, config) if task else config)] if config else []


def _check_words(task: str | None, layers: list[Mapping[str, Any]], resume: Path | None) -> None:
    if resume is not None and (task is not None or any(layers)):
        raise UsageError("--resume keeps the configuration of the run; remove the task and keys")
    if resume is None and task is None:
        raise UsageError("expected a task, got none; list them with: python -m nntasks list")
