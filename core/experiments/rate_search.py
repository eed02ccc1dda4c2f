"""A learning-rate range test of a task, with its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks import contracts
from nntasks.config import flatten
from nntasks.errors import UsageError
from nntasks.experiments.report import write_html
from nntasks.interfaces.report_data import Figure, ReportContent
from nntasks.machine import environment
from nntasks.machine.distributed import ALONE
from nntasks.run_folder import RunFolder
from nntasks.runner import make_task
from nntasks.runner.handle import Run

if TYPE_CHECKING:
    from nntasks.training.lr_range import RangeTest


@dataclass(frozen=True)
class Span:
    """The tested rates: `steps` of them from `lowest` to `highest`, both above 0."""

    lowest: float
    highest: float
    steps: int


@dataclass(frozen=True)
class RateSearch:
    """The result of the test and the path of its report."""

    found: RangeTest
    report: Path

    @property
    def sentences(self) -> list[str]:
        """The findings as sentences."""
        return _sentences(self.found)


def search_rate(
    task: str, layers: Sequence[Mapping[str, Any]], span: Span, out: Path, command: str
) -> RateSearch:
    """Train with a growing learning rate and write a report below `out`.

    Args:
        task: name of the task.
        layers: mappings of keys; later ones win.
        span: the rates.
        out: the report gets its own folder in `out`/`task`/lr-find.
        command: the command line that produces this report.

    Raises:
        UsageError: the rates or steps are invalid, there is no training split, or the model cannot
            be tested.
    """
    from nntasks.training.lr_range import RateTested, check_rates, range_test

    check_rates(span.lowest, span.highest, span.steps)
    made = make_task(task, list(layers))
    splits = contracts.load_data(made)
    if splits.train is None:
        raise UsageError(f"data={made.config.data} has no training split; lr-find needs one")
    model = contracts.task_model(made, splits.info)
    if not isinstance(model, RateTested):
        raise UsageError(
            f"lr-find needs a model that trains by steps; model={made.config.model} has no "
            "method losses_at"
        )
    rates = [span.lowest, span.highest, span.steps]
    settings = {"task": task, **flatten(made.config), "rates": rates}
    described = environment.describe(made.context.registry)
    folder = RunFolder.create(out / task, "lr-find", settings, described)
    run = Run(folder, made.context.seeds, ALONE, {}, (), 1, quiet=True)
    found = range_test(
        model,
        splits.train,
        run,
        lowest=span.lowest,
        highest=span.highest,
        steps=span.steps,
    )
    search = RateSearch(found, folder.path / "report.html")
    optimizer = getattr(made.config, "optimizer", "the model's own")
    subtitle = {"task": task, "steps": len(found.rates), "optimizer": optimizer}
    _write(search, f"{task}: learning-rate range test", subtitle, command)
    return search


def _write(search: RateSearch, title: str, subtitle: Mapping[str, Any], command: str) -> None:
    figure = Figure(
        "range_test",
        "Loss against learning rate",
        "The line is a running mean; the marks are the two suggestions.",
        lambda: _draw(search.found),
    )
    content = ReportContent(title=title, subtitle=subtitle, command=command)
    write_html(search.report, content, findings=search.sentences, figures=[figure])


def _sentences(found: RangeTest) -> list[str]:
    end = "the loss then grew" if found.diverged else "the loss did not grow up to the last rate"
    return [
        f"suggested: lr={found.steepest:.2g} (the loss falls fastest there)",
        f"cautious: lr={found.below_minimum:.2g} (a tenth of the rate with the lowest loss; {end})",
    ]


def _draw(found: RangeTest) -> Any:
    from nntasks.report import style

    figure = style.new_figure(style.WIDEST, 3.8)
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
    axes.set_ylabel("training loss")
    axes.grid(axis="y")
    figure.legend(loc="outside lower left", ncols=2)
    return figure
