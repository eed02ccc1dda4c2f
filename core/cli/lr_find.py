"""`lr-find`: which learning rate?"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nntasks.cli.options import USER_PATH, json_flag, overrides, print_json, seed_and_device
from nntasks.errors import UsageError

if TYPE_CHECKING:
    from nntasks.training.lr_range import RangeTest


@click.command("lr-find")
@click.argument("task")
@click.argument("keys", nargs=-1, metavar="[KEY=VALUE]...")
@seed_and_device
@click.option("--lowest", type=float, default=1e-6, show_default=True, help="First rate.")
@click.option("--highest", type=float, default=10.0, show_default=True, help="Last rate.")
@click.option("--steps", type=int, default=100, show_default=True, help="Steps of training.")
@click.option(
    "--out",
    type=USER_PATH,
    default=Path("runs"),
    help="Where reports are written.",
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
    """Train some steps with a learning rate that grows, and suggest one.

    \b
    nntasks lr-find cnn_classify
    nntasks lr-find cnn_classify optimizer=adamw norm=batch --highest 1

    The suggestion is the rate at which the loss falls fastest; a tenth of the rate with the lowest
    loss is the cautious choice. Nothing of the training is kept. (Smith 2017, the range test.)
    """
    from nntasks.config import flatten
    from nntasks.experiments.report import write_html
    from nntasks.interfaces.report_data import Figure
    from nntasks.machine import environment
    from nntasks.machine.distributed import ALONE
    from nntasks.run_folder import RunFolder
    from nntasks.runner import make_task
    from nntasks.runner.handle import Run
    from nntasks.training.lr_range import range_test
    from nntasks.training.torch_model import TorchModel

    made = make_task(task, [overrides(keys, seed=seed, device=device)])
    splits = made.load_data()
    if splits.train is None:
        raise UsageError(f"data={made.config.data} has no training split to try rates on")
    model = made.build_model(splits.info)
    if not isinstance(model, TorchModel):
        raise UsageError(f"lr-find is for models in torch; model={made.config.model} is none")
    settings = {"task": task, **flatten(made.config), "rates": [lowest, highest, steps]}
    folder = RunFolder.create(
        out / task, "lr-find", settings, environment.describe(made.context.registry)
    )
    run = Run(folder, made.context.seeds, ALONE, {}, (), 1, quiet=True)
    found = range_test(model, splits.train, run, lowest=lowest, highest=highest, steps=steps)
    sentences = _sentences(found)
    write_html(
        folder.path / "report.html",
        title=f"{task}: learning-rate range test",
        subtitle={"task": task, "steps": len(found.rates), "optimizer": model.config.optimizer},
        sentences=sentences,
        tables=[],
        figures=[
            Figure(
                "range_test",
                "Loss against learning rate",
                "The line is a running mean; the marks are the two suggestions.",
                lambda: _draw(found),
            )
        ],
        items=[],
        command=shlex.join(["nntasks", *sys.argv[1:]]),
    )
    if as_json:
        print_json(
            {
                "task": task,
                "suggestion": found.steepest,
                "cautious": found.below_minimum,
                "rates": list(found.rates),
                "losses": list(found.losses),
            }
        )
        return
    for sentence in sentences:
        click.echo(sentence)
    click.echo(f"report: {folder.path / 'report.html'}")


def _sentences(found: RangeTest) -> list[str]:
    end = "the loss then grew" if found.diverged else "the loss did not grow up to the last rate"
    return [
        f"suggested: lr={found.steepest:.2g} (the loss falls fastest there)",
        f"cautious: lr={found.below_minimum:.2g} (a tenth of the rate with the lowest loss; {end})",
    ]


def _draw(found: RangeTest) -> Any:
    from nntasks.report import style

    figure = style.new_figure(6.0, 3.4)
    axes = figure.subplots()
    axes.plot(found.rates, found.losses, color=style.SKY, linewidth=0.8, label="batch")
    axes.plot(found.rates, found.smoothed, color=style.BLUE, label="running mean")
    for rate, colour, name in (
        (found.steepest, style.ORANGE, "suggested"),
        (found.below_minimum, style.GREEN, "cautious"),
    ):
        axes.axvline(rate, color=colour, linestyle="--", linewidth=1, label=f"{name} {rate:.2g}")
    axes.set_xscale("log")
    low, first = min(found.smoothed), found.smoothed[0]
    axes.set_ylim(low - 0.1 * abs(first - low), first + 1.5 * abs(first - low))
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    axes.grid(axis="y")
    axes.legend()
    return figure
