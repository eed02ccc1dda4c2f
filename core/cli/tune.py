"""`tune`: search for the best keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nntasks.cli.options import USER_PATH, json_flag, keys_argument, print_json
from nntasks.errors import UsageError


@click.command("tune")
@click.argument("task")
@keys_argument
@click.option(
    "--trials",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Trials in all, those of earlier and other processes included.",
)
@click.option(
    "--space",
    "spaces",
    multiple=True,
    metavar="KEY=RANGE",
    help="lr=1e-4:1e-1:log, width=16:128 or norm=none,batch; may be given often. The "
    "task's own search space, if left out.",
)
@click.option("--timeout", type=float, help="Seconds after which no trial is begun.")
@click.option(
    "--storage",
    default="",
    metavar="URL",
    help="Optuna storage that several processes or machines share; a file in the "
    "search's folder by default.",
)
@click.option(
    "--metric",
    help="What to make large on the validation split; the task's first headline number by default.",
)
@click.option("--sampler-seed", type=click.IntRange(0), default=0, help="Seed of the choices.")
@click.option("--out", type=USER_PATH, default=Path("runs"), help="Where runs are written.")
@json_flag
def tune_verb(
    task: str,
    keys: tuple[str, ...],
    trials: int,
    spaces: tuple[str, ...],
    timeout: float | None,
    storage: str,
    metric: str | None,
    sampler_seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Search for the keys with the best validation: TPE, with pruning of trials that lag behind.

    \b
    nntasks tune cnn_classify --trials 30
    nntasks tune cnn_classify epochs=5 --space lr=1e-4:1e-1:log --space norm=none,batch
    nntasks run cnn_classify --config runs/cnn_classify/tune-.../best.yaml

    The same command again goes on, also after it was killed; started twice at once, both share
    the work and no trial is run twice. KEY=VALUE are the same in all trials.
    """
    from nntasks.experiments import study as studies
    from nntasks.experiments import tuning, tuning_report

    search = _search(task, keys, spaces, metric, out, storage, sampler_seed)
    study = studies.open_study(search, _say)
    _say(f"search in {search.folder}")
    tuning.tune(search, study, trials=trials, timeout=timeout, say=_say)
    results = tuning_report.write(search, study, sys.argv[1:])
    if as_json:
        print_json(results)
        return
    _print(search, results)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _search(
    task: str,
    keys: tuple[str, ...],
    spaces: tuple[str, ...],
    metric: str | None,
    out: Path,
    storage: str,
    seed: int,
) -> Any:
    from nntasks.config import parse_overrides
    from nntasks.experiments.key_fields import fields_of
    from nntasks.experiments.space import read_space
    from nntasks.experiments.study import Search
    from nntasks.runner import make_task

    fixed = parse_overrides(keys)
    made = make_task(task, [fixed])
    words = list(spaces) or [f"{key}={value}" for key, value in made.search_space().items()]
    if not words:
        raise UsageError(f"{task} has no search space of its own: give --space lr=1e-4:1e-1:log")
    whole = read_space(fields_of(made, keys), words)
    space = {key: values for key, values in whole.items() if spaces or key not in fixed}
    both = sorted(set(space) & set(fixed))
    if both:
        raise UsageError(f"{both[0]} is both fixed and searched: give it once")
    chosen = metric or (made.headline[0] if made.headline else "")
    if not chosen:
        raise UsageError(f"{task} names no headline number: give --metric")
    for ends in _ends(space):
        make_task(task, [{**fixed, **ends}])  # what no run would accept is said now
    return Search(task, fixed, space, chosen, out, storage, seed)


def _ends(space: Any) -> list[dict[str, str]]:
    """Return settings that together have every choice, and both ends of every range."""
    from nntasks.experiments.space import Choice

    found = []
    for key, values in space.items():
        numbers = () if isinstance(values, Choice) else (values.low, values.high)
        words = [str(int(n)) if values.whole else repr(n) for n in numbers] or values.words
        found += [{key: word} for word in words]
    return found


def _print(search: Any, results: dict[str, Any]) -> None:
    from nntasks.experiments import tuning_report
    from nntasks.report.terminal import print_table

    for table in tuning_report.tables(search, results):
        print_table(table)
    for sentence in tuning_report.sentences(results):
        click.echo(sentence)
    if "best" in results:
        click.echo(f"run it: nntasks run {search.task} --config {search.folder / 'best.yaml'}")
    click.echo(f"report: {search.folder / 'report.html'}")
