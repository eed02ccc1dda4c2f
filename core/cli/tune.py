"""`tune`: search for the best values of keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nntasks.cli.options import (
    USER_PATH,
    dry_run_flag,
    json_flag,
    keys_argument,
    print_json,
    task_argument,
)


@click.command("tune")
@task_argument
@keys_argument
@click.option(
    "--trials",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Total number of trials, over all processes and earlier commands.",
)
@click.option(
    "--space",
    "spaces",
    multiple=True,
    metavar="KEY=RANGE",
    help="lr=1e-4:1e-1:log, width=16:128 or norm=none,batch; repeatable. By default "
    "the task's own search space.",
)
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Trials at a time."
)
@click.option(
    "--timeout", type=click.FloatRange(0), help="Seconds after which no new trial starts."
)
@click.option(
    "--storage",
    default="",
    metavar="URL",
    help="Database for Optuna, such as postgresql+psycopg://USER@HOST/NAME; by default a journal "
    "in the search's folder, shared by all machines that see the folder.",
)
@click.option(
    "--metric",
    help="Validation metric to maximise; by default the task's first headline metric.",
)
@click.option("--sampler-seed", type=click.IntRange(0), default=0, help="Seed of the sampler.")
@click.option("--out", type=USER_PATH, default=Path("runs"), help="Folder for runs.")
@dry_run_flag("Check the search and print its space; train and write nothing.")
@json_flag
def tune_verb(
    task: str,
    keys: tuple[str, ...],
    trials: int,
    spaces: tuple[str, ...],
    jobs: int,
    timeout: float | None,
    storage: str,
    metric: str | None,
    sampler_seed: int,
    out: Path,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Search for the keys with the best validation metric, with TPE and pruning.

    \b
    nntasks tune cnn_classify --trials 30
    nntasks tune cnn_classify epochs=5 --space lr=1e-4:1e-1:log --space norm=none,batch
    nntasks run cnn_classify --config runs/cnn_classify/tune-.../best.yaml

    Repeat the command to continue a search, also after it was killed. Commands that run at the
    same time share the work, also on other machines, and no trial runs twice. KEY=VALUE applies
    to all trials; `launcher=slurm launcher.KEY=VALUE` chooses where they run (`nntasks list
    launchers`). Exit code 1: no trial was completed.
    """
    from nntasks.experiments import launching, tuning, tuning_report
    from nntasks.experiments import study as studies
    from nntasks.experiments.searches import define_search

    launcher, words = launching.split(keys, jobs)
    launcher.checked()
    search = define_search(task, words, spaces, metric, out, storage, sampler_seed)
    if dry_run:
        _print_space(search, as_json)
        return 0
    study = studies.open_study(search, _say)
    _say(f"search in {search.folder}")
    tuning.tune(search, study, trials=trials, timeout=timeout, launcher=launcher, say=_say)
    results = tuning_report.write(search, study, sys.argv[1:], _say)
    if as_json:
        print_json(results)
    else:
        _print(search, results)
    return 0 if "best" in results else 1


def _say(line: str) -> None:
    click.echo(line, err=True)


def _print_space(search: Any, as_json: bool) -> None:
    space = {key: str(values) for key, values in search.space.items()}
    if as_json:
        print_json({"task": search.task, "fixed": search.fixed, "space": space})
        return
    for key, text in space.items():
        click.echo(f"{key}  {text}")
    click.echo(f"{search.metric} is maximised")


def _print(search: Any, results: dict[str, Any]) -> None:
    from nntasks.experiments import tuning_report
    from nntasks.report.terminal import print_table

    for table in tuning_report.tables(search, results):
        print_table(table)
    for sentence in tuning_report.sentences(results):
        click.echo(sentence)
    if "best" in results:
        click.echo(
            f"run the best: nntasks run {search.task} --config {search.folder / 'best.yaml'}"
        )
    click.echo(f"report: {search.folder / 'report.html'}")
