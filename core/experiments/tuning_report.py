"""The results of a search: tables, figures and the best configuration."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nntasks.experiments.planned_run import PlannedRun
from nntasks.experiments.records import read_record
from nntasks.experiments.report import write_html
from nntasks.experiments.space import Choice, Range
from nntasks.experiments.study import Search, completed, counted
from nntasks.experiments.trial_owners import OWNER
from nntasks.experiments.tuning import best_keys
from nntasks.interfaces.report_data import Figure, ReportContent, Table
from nntasks.report.formatting import how_many
from nntasks.storage import atomic_write, locks

if TYPE_CHECKING:
    import optuna
    from matplotlib.axes import Axes

MOST_TRIALS = 20  # in the table


def write(
    search: Search, study: optuna.Study, command: Sequence[str], say: Callable[[str], None]
) -> dict[str, Any]:
    """Write best.yaml, results.json and report.html; return what results.json holds.

    Processes that share the search write in turn, so the files of the last one hold all trials.
    """
    with locks.held(search.folder, say):
        results = _results(search, study)
        _write_files(search, study, command, results)
    return results


def _write_files(
    search: Search, study: optuna.Study, command: Sequence[str], results: dict[str, Any]
) -> None:
    if completed(study):
        import yaml

        best = yaml.safe_dump({"task": search.task, **best_keys(search, study)}, sort_keys=False)
        atomic_write.write_text(search.folder / "best.yaml", best)
    atomic_write.write_text(search.folder / "results.json", atomic_write.to_json(results))
    content = ReportContent(
        title=f"{search.task}: a search of {how_many(len(search.space), 'key')}",
        subtitle={
            "task": search.task,
            "trials": len(results["trials"]),
            "maximised": f"validation {search.metric}",
        },
        tables=tables(search, results),
        items=results["trials"],
        command=shlex.join(["nntasks", *command]),
    )
    write_html(
        search.folder / "report.html",
        content,
        findings=sentences(results),
        figures=_figures(search, study, results),
    )


def _results(search: Search, study: optuna.Study) -> dict[str, Any]:
    trials = [
        {
            "trial": trial.number,
            "state": trial.state.name.lower(),
            search.metric: trial.value if trial.state.name == "COMPLETE" else None,
            **trial.params,
            "seconds": trial.duration.total_seconds() if trial.duration else None,
            "problem": trial.user_attrs.get("problem", ""),
        }
        for trial in counted(study)
        if OWNER in trial.user_attrs  # otherwise another process is still choosing its keys
    ]
    results: dict[str, Any] = {
        "task": search.task,
        "metric": search.metric,
        "fixed": dict(search.fixed),
        "space": {key: str(values) for key, values in search.space.items()},
        "trials": trials,
        "importance": importance(study),
    }
    if completed(study):
        best = study.best_trial
        results["best"] = {
            "trial": best.number,
            "validation": best.value,
            "keys": best_keys(search, study),
            "test": _test_numbers(search, best.user_attrs["folder"]),
        }
    return results


def _test_numbers(search: Search, folder: str) -> dict[str, float]:
    """Return the test metrics of the best trial, if its run is on this machine."""
    from pathlib import Path

    run = PlannedRun("", search.task, {}, Path(folder)).finished()
    return dict(read_record(run).metrics) if run else {}


def importance(study: optuna.Study) -> dict[str, float]:
    """Return the share of each key in the variance of the results (fANOVA; Hutter et al. 2014).

    Empty if too few trials are complete or all results are equal.
    """
    import optuna

    values = [trial.value for trial in completed(study)]
    if len(values) < 4 or len(set(values)) < 2:
        return {}
    found = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
    )
    return {key: float(share) for key, share in found.items()}


def sentences(results: dict[str, Any]) -> list[str]:
    """Return the findings as sentences."""
    metric, best = results["metric"], results.get("best")
    if best is None:
        return ["No trial was completed."]
    keys = " ".join(f"{key}={best['keys'][key]}" for key in results["space"])
    lines = [
        f"Trial {best['trial']} is best: validation {metric} {best['validation']:.4f} ({keys})."
    ]
    if metric in best["test"]:
        test = best["test"][metric]
        lines.append(f"Its {metric} on the test split, which the search did not use: {test:.4f}.")
    if results["importance"]:
        key, share = max(results["importance"].items(), key=lambda pair: pair[1])
        lines.append(f"{key} matters most: it explains {share:.0%} of the variance between trials.")
    return lines


def tables(search: Search, results: dict[str, Any]) -> list[Table]:
    """Return the best trials and the importance of each key."""
    metric = search.metric
    done = [trial for trial in results["trials"] if trial[metric] is not None]
    done.sort(key=lambda trial: (-trial[metric], trial["trial"]))
    columns = ("trial", metric, *search.space, "seconds")
    rows = [[trial.get(column) for column in columns] for trial in done[:MOST_TRIALS]]
    caption = f"Best first, by the last validation; {len(results['trials'])} trials in all."
    found = [Table("trials", "Trials", columns, rows, caption)]
    if results["importance"]:
        rows = [[key, share] for key, share in results["importance"].items()]
        caption = "Share of the variance between completed trials (fANOVA)."
        found.append(
            Table("importance", "Importance of the keys", ("key", "importance"), rows, caption)
        )
    return found


def _figures(search: Search, study: optuna.Study, results: dict[str, Any]) -> list[Figure]:
    done = [trial for trial in results["trials"] if trial[search.metric] is not None]
    if not done:
        return []
    return [
        Figure(
            "search",
            "The search",
            "Completed trials, and the best so far.",
            lambda: _draw_search(search, done),
        ),
        Figure(
            "keys", "Each key", "One mark per completed trial.", lambda: _draw_keys(search, done)
        ),
    ]


def _draw_search(search: Search, done: Sequence[dict[str, Any]]) -> Any:
    from nntasks.report import style

    figure = style.new_figure(style.WIDEST, 3.4)
    axes = figure.subplots()
    numbers, values = [t["trial"] for t in done], [t[search.metric] for t in done]
    best = [max(values[: place + 1]) for place in range(len(values))]
    axes.plot(numbers, values, "o", color=style.BLUE, alpha=0.7, label="trial")
    axes.step(numbers, best, where="post", color=style.ORANGE, label="best so far")
    axes.set_xlabel("trial")
    axes.set_ylabel(style.plain(f"validation {search.metric}"))
    axes.grid(axis="y")
    figure.legend(loc="outside lower left", ncols=2)
    return figure


def _draw_keys(search: Search, done: Sequence[dict[str, Any]]) -> Any:
    from nntasks.report import style

    columns = min(2, len(search.space))
    rows = math.ceil(len(search.space) / columns)
    figure = style.new_figure(style.WIDEST if columns == 2 else 4.4, 2.4 * rows)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).flatten()
    for axes, (key, values) in zip(panels, search.space.items(), strict=False):
        _draw_key(axes, key, values, done, search.metric)
    for axes in panels[len(search.space) :]:
        axes.set_visible(False)
    for axes in panels[::columns]:
        axes.set_ylabel(style.plain(search.metric))
    return figure


def _draw_key(
    axes: Axes, key: str, values: Range | Choice, done: Sequence[dict[str, Any]], metric: str
) -> None:
    from matplotlib.ticker import NullFormatter

    from nntasks.report import style

    if isinstance(values, Choice):
        places = [values.words.index(trial[key]) for trial in done]
        axes.set_xticks(range(len(values.words)), [style.plain(word) for word in values.words])
    else:
        places = [trial[key] for trial in done]
        axes.set_xscale("log" if values.log else "linear")
        axes.set_xlim(values.low, values.high)
        if values.log:
            axes.xaxis.set_minor_formatter(NullFormatter())
    axes.plot(places, [trial[metric] for trial in done], "o", color=style.BLUE, alpha=0.7)
    axes.set_xlabel(style.plain(key))
    axes.grid(axis="y")
