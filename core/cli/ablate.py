"""`ablate`: measure the effect of keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from nntasks.cli import completion
from nntasks.cli.options import USER_PATH, dry_run_flag, json_flag, print_json, task_argument


@click.command("ablate")
@task_argument
@click.argument(
    "keys", nargs=-1, metavar="[KEY=VALUE[,VALUE...]]...", shell_complete=completion.keys
)
@click.option(
    "--ladder",
    "ladder_file",
    type=USER_PATH,
    metavar="FILE",
    help="YAML file of rungs, each a change to the one before, or the name of a task's ladder; "
    "replaces the grid.",
)
@click.option("--metric", help="Metric to compare; by default the task's first headline metric.")
@click.option(
    "--success",
    type=float,
    metavar="VALUE",
    help="Also report the share of runs whose metric is at least VALUE, with its interval.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Runs at a time. By default 1 on this machine, where runs share the cores, and as many as "
    "it accepts on a cluster.",
)
@click.option("--out", type=USER_PATH, default=Path("runs"), help="Folder for runs.")
@dry_run_flag("Check and list the runs; train and write nothing.")
@json_flag
def ablate_verb(
    task: str,
    keys: tuple[str, ...],
    ladder_file: Path | None,
    metric: str | None,
    success: float | None,
    jobs: int | None,
    out: Path,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Run every combination of keys with several seeds, and compare them.

    \b
    nntasks ablate unet_segment residual=true,false seeds=3
    nntasks ablate cnn_classify norm=none,batch dropout=0,0.3 epochs=10 seeds=5 --jobs 2
    nntasks ablate numpy_mlp hidden_sizes=64:128,64 seeds=3
    nntasks ablate cnn_classify --ladder cifar10_ladder
    nntasks ablate cnn_classify norm=none,batch seeds=5 launcher=slurm launcher.partition=gpu
    nntasks ablate numpy_mlp data=xor dropout=0 hidden_sizes=2:4:8 seeds=20 --success 0.99

    Commas separate values, or colons for keys that take a list or a path; quote a value that
    contains the separator. The first value is the baseline. `seeds=5` means seeds 0 to 4;
    `seeds=3,7` means seeds 3 and 7. The table shows means with 95 % intervals and paired
    differences from the baseline.

    Repeat the command after Ctrl-C, a crash or a failed run: it runs only what is missing. Commands
    that run at the same time share the work, also on other machines that see the same folder.
    `launcher=` chooses where runs execute (`nntasks list launchers`), and `launcher.KEY=VALUE` sets
    its options.
    """
    from nntasks.experiments import ablation, launching

    launcher, words = launching.split(keys, jobs)
    launcher.checked()
    made = _plan(task, ladder_file, words)
    ablation.check(made, metric)
    if dry_run:
        _print_plan(made, as_json)
        return 0
    result = ablation.ablate(
        made,
        out,
        launcher=launcher,
        compared=ablation.Compared(metric, success),
        command=sys.argv[1:],
        say=lambda line: click.echo(line, err=True),
    )
    _print(result, as_json)
    return 1 if result.problems else 0


def _plan(task: str, ladder_file: Path | None, words: list[str]) -> Any:
    from nntasks.experiments import plan
    from nntasks.experiments.key_fields import fields_of, with_present_names
    from nntasks.runner import make_task
    from nntasks.runner.recipes import find_recipe

    if ladder_file:
        return plan.ladder(task, find_recipe(task, ladder_file, ladder=True), words)
    default = make_task(task, [])
    words = with_present_names(default, words)
    return plan.grid(task, fields_of(default, words), words)


def _print_plan(made: Any, as_json: bool) -> None:
    if as_json:
        variants = {variant.name: made.keys(variant) for variant in made.variants}
        print_json({"task": made.task, "variants": variants, "seeds": made.seeds})
        return
    for variant in made.variants:
        click.echo(variant.name)
    seeds = ", ".join(map(str, made.seeds))
    click.echo(f"{len(made.variants) * len(made.seeds)} runs: each of these with seeds {seeds}")


def _print(result: Any, as_json: bool) -> None:
    from nntasks.report.terminal import print_table

    if as_json:
        print_json(result.results)
        return
    for table in result.tables:
        print_table(table)
    for line in (*result.sentences, *result.problems):
        click.echo(line)
    if result.tables:
        click.echo(f"report: {result.folder / 'report.html'}")
