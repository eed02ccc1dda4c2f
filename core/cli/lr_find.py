"""`lr-find`: suggest a learning rate."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from nntasks.cli.options import (
    USER_PATH,
    json_flag,
    keys_argument,
    overrides,
    print_json,
    seed_and_device,
    task_argument,
)


@click.command("lr-find")
@task_argument
@keys_argument
@seed_and_device
@click.option("--lowest", type=float, default=1e-6, show_default=True, help="Lowest learning rate.")
@click.option(
    "--highest", type=float, default=10.0, show_default=True, help="Highest learning rate."
)
@click.option("--steps", type=int, default=100, show_default=True, help="Training steps.")
@click.option(
    "--out",
    type=USER_PATH,
    default=Path("runs"),
    help="Folder for reports.",
)
@json_flag
def lr_find_verb(
    task: str,
    keys: tuple[str, ...],
    seed: str | None,
    device: str | None,
    lowest: float,
    highest: float,
    steps: int,
    out: Path,
    as_json: bool,
) -> None:
    """Train with a growing learning rate and suggest one.

    \b
    nntasks lr-find cnn_classify
    nntasks lr-find cnn_classify optimizer=adamw norm=batch --highest 1

    The suggestion is the rate at which the loss falls fastest. The cautious choice is a tenth of
    the rate with the lowest loss. The trained weights are discarded. This is the learning-rate
    range test of Smith (2017).
    """
    from nntasks.experiments.rate_search import Span, search_rate

    layers = [overrides(keys, seed=seed, device=device)]
    command = shlex.join(["nntasks", *sys.argv[1:]])
    search = search_rate(task, layers, Span(lowest, highest, steps), out, command)
    if as_json:
        print_json(
            {
                "task": task,
                "suggestion": search.found.steepest,
                "cautious": search.found.below_minimum,
                "rates": list(search.found.rates),
                "losses": list(search.found.losses),
            }
        )
        return
    for sentence in search.sentences:
        click.echo(sentence)
    click.echo(f"report: {search.report}")
