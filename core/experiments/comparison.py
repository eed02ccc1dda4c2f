"""Compare groups of runs: tables, figures and one conclusion per group."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nntasks.experiments.records import Group, differing_keys
from nntasks.interfaces.report_data import Figure, Table
from nntasks.report.formatting import format_value
from nntasks.statistics.student import Interval, ends, interval, paired

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from nntasks.report import style

MOST_FIGURES = 3  # headline metrics with their own panel
_WIDEST_LABEL = 40  # characters in a line beside a figure


def headline_of(groups: Sequence[Group]) -> list[str]:
    """Return the headline metrics that every run has."""
    records = [record for group in groups for record in group.records]
    names = records[0].summary["headline"] or list(records[0].summary["metrics"])
    return [name for name in names if all(name in record.metrics for record in records)]


def main_table(groups: Sequence[Group], metric: str) -> Table:
    """Return the mean, difference and cost of each group."""
    rows = []
    for group in groups:
        values = group.values(metric)
        difference = "" if _is_baseline(groups, group) else str(_difference(groups, group, metric))
        seconds = interval([record.summary["seconds"] for record in group.records])
        rows.append(
            (
                group.name,
                len(values),
                _mean(group, metric),
                difference,
                f"{seconds.mean:.1f}",
                group.records[0].parameters,
            )
        )
    columns = ("variant", "runs", metric, "difference", "seconds", "parameters")
    return Table("comparison", f"{metric} by variant", columns, rows, _caption(groups))


def _caption(groups: Sequence[Group]) -> str:
    means = (
        "Means over seeds with 95 % intervals: mean ± half (Student's t), or [low, high] on the "
        "log-odds scale where that would leave 0 to 1. A single run has [low, high] over its test "
        "samples."
    )
    if len(groups) == 1:
        return means
    chained = any(group.baseline for group in groups)
    against = "the variant above" if chained else f"{groups[0].name}"
    return f"{means} Differences are from {against}, seed by seed."


def _mean(group: Group, metric: str) -> str:
    """The mean over seeds with its interval; of one run its own interval, in brackets."""
    values = list(group.values(metric).values())
    mean, known = interval(values), None
    if len(group.records) == 1:
        known = group.records[0].summary.get("intervals", {}).get(metric)
    elif all(0 <= value <= 1 for value in values):
        fits = mean.half <= mean.mean <= 1 - mean.half
        known = None if fits else ends(values)
    return f"{mean.mean:.4f} [{known[0]:.4f}, {known[1]:.4f}]" if known else str(mean)


def metrics_table(groups: Sequence[Group]) -> Table:
    """Return all metrics of all groups."""
    names = dict.fromkeys(name for group in groups for r in group.records for name in r.metrics)
    rows = [(name, *(_mean(group, name) for group in groups)) for name in names]
    columns = ("metric", *(group.name for group in groups))
    return Table("metrics", "All metrics", columns, rows)


def configuration_table(groups: Sequence[Group]) -> Table:
    """Return the keys that differ between the groups."""
    first = [group.records[0] for group in groups]
    rows = [
        (key, *(format_value(record.config.get(key)) for record in first))
        for key in differing_keys(first)
    ]
    columns = ("key", *(group.name for group in groups))
    return Table("configuration", "Differences in configuration", columns, rows)


def verdicts(groups: Sequence[Group], metric: str) -> list[str]:
    """Return one conclusion for each group except the baseline."""
    return [_verdict(groups, group, metric) for group in groups if not _is_baseline(groups, group)]


def _verdict(groups: Sequence[Group], group: Group, metric: str) -> str:
    difference = _difference(groups, group, metric)
    against = groups[group.baseline].name
    if difference.count == 0:
        return f"{group.name}: not compared, as it has no seed in common with {against}."
    change = f"{group.name} changes {metric} by {difference.mean:+.4f} against {against}"
    if difference.count == 1 and not difference.mean:
        return f"{group.name} has the {metric} of {against}: with one seed, that may be chance."
    if difference.count == 1:
        return f"{change}: with one seed, the difference may be chance."
    spread = f"[{difference.mean - difference.half:+.4f}, {difference.mean + difference.half:+.4f}]"
    if difference.excludes_zero:
        conclusion = "higher" if difference.mean > 0 else "lower"
    else:
        conclusion = "no significant difference"
    return f"{change} {spread} ({difference.count} seeds, paired): {conclusion}."


def _difference(groups: Sequence[Group], group: Group, metric: str) -> Interval:
    return paired(group.values(metric), groups[group.baseline].values(metric))


def _is_baseline(groups: Sequence[Group], group: Group) -> bool:
    return groups[0] is group


def figures(groups: Sequence[Group], metrics: Sequence[str]) -> list[Figure]:
    """Return the figures: the values of all runs and their validation curves."""
    shown = list(metrics[:MOST_FIGURES])
    return [
        Figure(
            "values",
            "Values of all runs",
            "Small marks are single runs. Large marks are means with 95 % intervals over seeds. "
            "Intervals of shares are computed on the log-odds scale.",
            lambda: _draw_values(groups, shown),
        ),
        Figure(
            "curves",
            "Validation",
            "Mean over the runs of each variant, by epoch.",
            lambda: _draw_curves(groups, shown),
        ),
    ]


def _draw_values(groups: Sequence[Group], metrics: Sequence[str]) -> Any:
    from nntasks.report import style

    height = 0.8 + 0.36 * len(groups)
    figure = style.new_figure(style.WIDEST, height * len(metrics))
    panels = figure.subplots(len(metrics), 1, squeeze=False)[:, 0]
    looks = style.looks(len(groups))
    for axes, metric in zip(panels, metrics, strict=True):
        for place, (group, look) in enumerate(zip(groups, looks, strict=True)):
            _draw_group(axes, place, group.values(metric), look)
        axes.set_xlabel(style.plain(metric))
        axes.grid(axis="x")
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.set_yticks(range(len(groups)), [_label(group.name) for group in groups])
    return figure


def _label(name: str) -> str:
    from nntasks.report import style

    return style.plain("\n".join(textwrap.wrap(name, _WIDEST_LABEL)))


def _draw_group(axes: Axes, place: int, by_seed: Mapping[int, float], look: style.Look) -> None:
    values = list(by_seed.values())
    if not values:
        return
    axes.plot(values, [place + 0.2] * len(values), "o", color=look.colour, alpha=0.5, markersize=3)
    mean, known = interval(values).mean, ends(values)
    reach = [[max(mean - known[0], 0.0)], [max(known[1] - mean, 0.0)]] if known else None
    axes.errorbar([mean], [place], xerr=reach, fmt="D", color=look.colour, capsize=3)


def _draw_curves(groups: Sequence[Group], metrics: Sequence[str]) -> Any:
    from matplotlib.ticker import MaxNLocator

    from nntasks.report import style

    curves = {metric: [_mean_curve(group, metric) for group in groups] for metric in metrics}
    drawn = [metric for metric in metrics if any(len(curve) > 1 for curve in curves[metric])]
    if not drawn:
        return None
    figure = style.new_figure(style.WIDEST, 2.6 * len(drawn) + 0.18 * len(groups))
    panels = figure.subplots(len(drawn), 1, squeeze=False)[:, 0]
    looks = style.looks(len(groups))
    for axes, metric in zip(panels, drawn, strict=True):
        for group, curve, look in zip(groups, curves[metric], looks, strict=True):
            x, y = [x for x, _ in curve], [y for _, y in curve]
            axes.plot(x, y, **look.line(), label=style.plain(group.name))
        axes.set_ylabel(style.plain(f"validation {metric}"))
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left")
    return figure


def _mean_curve(group: Group, metric: str) -> list[tuple[float, float]]:
    """Return (epoch, mean over runs) for the epochs that every run of the group validated."""
    by_epoch: dict[float, list[float]] = {}
    for record in group.records:
        for row in record.history:
            value = row.get(metric)
            if row.get("split") == "validation" and isinstance(value, (int, float)):
                by_epoch.setdefault(row["epoch"], []).append(value)
    full = len(group.records)
    return [(x, sum(ys) / full) for x, ys in sorted(by_epoch.items()) if len(ys) == full]
