"""An ablation: run a plan and compare its variants."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.experiments import comparison
from nntasks.experiments.execution import execute
from nntasks.experiments.launching import Choice
from nntasks.experiments.metric_names import check_metric, require_metric
from nntasks.experiments.plan import Plan
from nntasks.experiments.planned_run import PlannedRun, folder_name
from nntasks.experiments.records import Group, Record, read_record
from nntasks.experiments.report import write_html
from nntasks.experiments.success import success_rates, success_table
from nntasks.interfaces.report_data import ReportContent, Table
from nntasks.report.formatting import duration
from nntasks.runner import logger_classes, make_task
from nntasks.storage import atomic_write
from nntasks.storage.failures import cannot_write

_REMEDY = "choose another folder with --out"


@dataclass(frozen=True)
class Ablation:
    """The result of an ablation.

    Attributes:
        folder: the folder of the runs and the report.
        tables: for the terminal.
        sentences: the conclusions.
        problems: one line per failed run.
        results: the content of results.json.
    """

    folder: Path
    tables: Sequence[Table]
    sentences: Sequence[str]
    problems: Sequence[str]
    results: dict[str, Any]


@dataclass(frozen=True)
class Compared:
    """What is compared.

    Attributes:
        metric: the metric; the first headline metric if None.
        success: the value from which a run has succeeded; None to count no successes.
    """

    metric: str | None
    success: float | None


def check(plan: Plan, metric: str | None = None) -> None:
    """Check the keys of every variant, and the metric to compare, before the first run."""
    for variant in plan.variants:
        for seed in plan.seeds:
            try:
                task = make_task(plan.task, [{**plan.keys(variant), "seed": str(seed)}])
                logger_classes(task)
            except UsageError as error:
                raise UsageError(f"variant {variant.name}: {error}") from error
    first = {**plan.keys(plan.variants[0]), "seed": str(plan.seeds[0])}
    check_metric(make_task(plan.task, [first]), metric)


def ablate(
    plan: Plan,
    out: Path,
    *,
    launcher: Choice,
    compared: Compared,
    command: Sequence[str],
    say: Callable[[str], None],
) -> Ablation:
    """Run what a plan still lacks, then compare and report.

    Several processes, on any machines that see `out`, may do this at once: none repeats a run.

    Args:
        plan: a checked plan.
        out: the folder of all runs. The ablation's folder is named after the plan, so the same
            plan finds its earlier runs.
        launcher: where the runs are executed.
        compared: the metric to compare, and what a success is.
        command: the command-line arguments, for the report.
        say: receives progress lines.

    Raises:
        UsageError: these runs have no metric `metric`.
        Interrupted: on Ctrl-C or SIGTERM.
    """
    folder = out / plan.task / f"ablate-{plan.id}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(cannot_write(folder, error, _REMEDY)) from error
    planned = _planned(plan, folder)
    missing = [run for row in planned for run in row if run.finished() is None]
    total = sum(map(len, planned))
    say(f"{total} runs, {total - len(missing)} already finished, in {folder}")
    done = next((found for row in planned for run in row if (found := run.finished())), None)
    if done is not None:
        _require(compared.metric, read_record(done))
    metric = compared.metric
    problems = _run(missing, total, launcher, folder, say, metric) if missing else []
    return _report(plan, planned, folder, compared, command, problems)


def _planned(plan: Plan, folder: Path) -> list[list[PlannedRun]]:
    return [
        [
            PlannedRun(
                f"{variant.name}, seed {seed}",
                plan.task,
                {**plan.keys(variant), "seed": str(seed)},
                folder / "runs" / f"{number:02d}-{folder_name(variant.name)}" / f"seed{seed}",
            )
            for seed in plan.seeds
        ]
        for number, variant in enumerate(plan.variants)
    ]


def _run(
    missing: Sequence[PlannedRun],
    total: int,
    launcher: Choice,
    folder: Path,
    say: Callable[[str], None],
    metric: str | None,
) -> list[str]:
    """Run what is missing, seed by seed, so that an early stop leaves complete comparisons."""
    problems: list[str] = []
    done = total - len(missing)

    def finished(planned: PlannedRun, problem: str | None) -> None:
        nonlocal done
        done += 1
        run = planned.finished()
        if run is None:
            problems.append(f"{planned.name} failed with {problem}")
            say(f"[{done}/{total}] {problems[-1]}")
            return
        record = read_record(run)
        _require(metric, record)
        name = next(iter(record.summary["headline"] or record.metrics), None)
        found = f"{name} {record.metrics[name]:.4f}" if name else "no metrics"
        say(f"[{done}/{total}] {planned.name}: {found} ({duration(record.summary['seconds'])})")

    ordered = sorted(missing, key=lambda run: int(run.keys["seed"]))
    execute(ordered, launcher.made(folder), finished=finished, say=say)
    return problems


def _require(metric: str | None, record: Record) -> None:
    """Stop at the first run that lacks the metric: the others would be for nothing."""
    if metric is not None and record.metrics:
        require_metric(metric, record.metrics)


def _report(
    plan: Plan,
    planned: Sequence[Sequence[PlannedRun]],
    folder: Path,
    compared: Compared,
    command: Sequence[str],
    problems: Sequence[str],
) -> Ablation:
    metric = compared.metric
    groups, kept = _groups(plan, planned)
    results = _results(plan, groups, problems)
    if not groups:
        return Ablation(folder, (), (), problems, results)
    headline = comparison.headline_of(groups)
    known = list(groups[0].records[0].metrics)
    if not known:
        atomic_write.write_text(folder / "results.json", atomic_write.to_json(results))
        nothing = "these runs have no test metrics, so there is nothing to compare"
        return Ablation(folder, (), (nothing,), problems, results)
    if metric is not None:
        require_metric(metric, known)
    chosen = metric or (headline or known)[0]
    tables = [comparison.main_table(groups, chosen)]
    if compared.success is not None:
        tables.append(success_table(groups, chosen, compared.success))
        rates = success_rates(groups, chosen, compared.success)
        results["success"] = {"metric": chosen, "threshold": compared.success, "variants": rates}
    sentences = comparison.verdicts(groups, chosen) if kept else []
    results["verdicts"] = sentences
    atomic_write.write_text(folder / "results.json", atomic_write.to_json(results))
    content = ReportContent(
        title=f"{plan.task}: {plan.size}",
        subtitle={"task": plan.task, "compared by": chosen, "runs": len(results["runs"])},
        tables=[*tables, comparison.configuration_table(groups), comparison.metrics_table(groups)],
        items=[
            {
                "variant": run["variant"],
                "seed": run["seed"],
                chosen: run["metrics"].get(chosen),
                "seconds": run["seconds"],
                "run": run["run"],
            }
            for run in results["runs"]
        ],
        command=shlex.join(["nntasks", *command]),
        warnings=problems,
    )
    figures = comparison.figures(groups, list(dict.fromkeys([chosen, *headline])))
    write_html(folder / "report.html", content, findings=sentences, figures=figures)
    return Ablation(folder, tables, sentences, problems, results)


def _groups(plan: Plan, planned: Sequence[Sequence[PlannedRun]]) -> tuple[list[Group], bool]:
    """Return one group per variant with a finished run, and whether the first variant has one."""
    groups: list[Group] = []
    place: dict[int, int] = {}
    for number, (variant, row) in enumerate(zip(plan.variants, planned, strict=True)):
        runs = [run for planned_run in row if (run := planned_run.finished()) is not None]
        if runs:
            place[number] = len(groups)
            records = tuple(read_record(run) for run in runs)
            groups.append(Group(variant.name, records, place.get(variant.baseline, 0)))
    return groups, 0 in place


def _results(plan: Plan, groups: Sequence[Group], problems: Sequence[str]) -> dict[str, Any]:
    return {
        "task": plan.task,
        "fixed": dict(plan.fixed),
        "variants": {variant.name: dict(variant.keys) for variant in plan.variants},
        "seeds": list(plan.seeds),
        "runs": [
            {
                "variant": group.name,
                "seed": record.seed,
                "run": str(record.path),
                "seconds": record.summary["seconds"],
                "metrics": dict(record.metrics),
            }
            for group in groups
            for record in group.records
        ],
        "problems": list(problems),
    }
