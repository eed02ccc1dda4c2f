"""The share of runs of each group that succeed: whose metric reaches a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nntasks.experiments.records import Group
from nntasks.interfaces.report_data import Table
from nntasks.statistics.proportions import wilson


def success_rates(
    groups: Sequence[Group], metric: str, threshold: float
) -> dict[str, dict[str, Any]]:
    """Return successes, runs, share and Wilson's 95 % interval by group.

    A run without the metric, such as one whose metric is undefined, has not succeeded.
    """
    found = {}
    for group in groups:
        values = group.values(metric).values()
        successes = sum(value >= threshold for value in values)
        runs = len(group.records)
        share = wilson(successes, runs)
        found[group.name] = {
            "successes": successes,
            "runs": runs,
            "share": share.value,
            "interval": [share.low, share.high],
        }
    return found


def success_table(groups: Sequence[Group], metric: str, threshold: float) -> Table:
    """Return the successes of each group."""
    rows = [
        (name, f"{row['successes']} of {row['runs']}", row["share"], *row["interval"])
        for name, row in success_rates(groups, metric, threshold).items()
    ]
    columns = ("variant", "successes", "share", "from", "to")
    caption = "Shares with Wilson's 95 % interval."
    return Table("success", f"Runs with {metric} of at least {threshold:g}", columns, rows, caption)
