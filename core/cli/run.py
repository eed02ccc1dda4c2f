"""`run`: train and evaluate a task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    from nntasks import runner
    from nntasks.storage.atomic_write import to_json_lines

    layers = [*_file_of(task, config), overrides(keys, seed=seed, device=device)]
    _check_words(task, layers, resume)
    where = place()
    if nproc > 1 and where.size == 1:
        if task is not None:  # report errors once, not from every process
            runner.logger_classes(runner.make_task(task, layers))
        from nntasks.cli.launch import launch

        return launch(nproc, click.get_current_context().obj, resume or out / str(task) / "latest")
    if resume is not None:
        result = runner.resume(resume, quiet=as_json)
    else:
        result = runner.start(str(task), layers, out=out, quiet=as_json, dry_run=dry_run)
    if where.rank == 0:
        if as_json:
            print_json(result.summary)
        elif dry_run:
            click.echo(to_json_lines(dict(result.summary)), nl=False)
        else:
            print_result(result, everything)
    return 0


def _file_of(task: str | None, config: Path | None) -> list[Mapping[str, Any]]:
    """Return the keys of a recipe or a file, if one is given."""
    from nntasks.runner.recipes import find_recipe

    return [read_config_file(find_recipe(task, config) if task else config)] if config else []


def _check_words(task: str | None, layers: list[Mapping[str, Any]], resume: Path | None) -> None:
    if resume is not None and (task is not None or any(layers)):
        raise UsageError("--resume keeps the configuration of the run; remove the task and keys")
    if resume is None and task is None:
        raise UsageError("expected a task, got none; list them with: python -m nntasks list")
