"""An ablation: a plan carried out into a folder, and what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.experiments import comparison
from nntasks.experiments.plan import Plan
from nntasks.experiments.planned_run import Cell, carry_out, folder_name
from nntasks.experiments.records import Group, read_record
from nntasks.experiments.report import write_html
from nntasks.interfaces.report_data import Table
from nntasks.report.formatting import duration
from nntasks.runner import make_task
from nntasks.storage import atomic_write, locks


@dataclass(frozen=True)
class Ablation:
    """What an ablation gave.

    Attributes:
        folder: where everything lies.
        tables: to be printed.
        sentences: the verdicts.
        problems: runs that failed, a line each.
        results: the content of results.json.
    """

    folder: Path
    tables: Sequence[Table]
    sentences: Sequence[str]
    problems: Sequence[str]
    results: dict[str, Any]


def check(plan: Plan) -> None:
    """Refuse a plan with a variant that no run would accept, before anything is run."""
    for variant in plan.variants:
        for seed in plan.seeds:
            try:
                make_task(plan.task, [{**plan.keys(variant), "seed": str(seed)}])
            except UsageError as error:
                raise UsageError(f"variant {variant.name}: {error}") from error


def ablate(
    plan: Plan,
    out: Path,
    *,
    jobs: int,
    metric: str | None,
    command: Sequence[str],
    say: Callable[[str], None],
) -> Ablation:
    """Carry out what is missing of a plan, then compare and report.

    Args:
        plan: checked.
        out: folder that holds the runs of all tasks; the ablation's own is named by its plan, so
            that the same plan finds what it did before.
        jobs: runs at a time.
        metric: what the variants are compared by; the first headline number if None.
        command: the words that began it, for the report.
        say: told about progress, a line each.

    Raises:
        UsageError: `metric` is no number of these runs.
        Interrupted: on Ctrl-C or SIGTERM.
    """
    folder = out / plan.task / f"ablate-{plan.id}"
    cells = _cells(plan, folder)
    with locks.held(folder, say) as lock:
        missing = [cell for row in cells for cell in row if cell.finished() is None]
        total = sum(map(len, cells))
        say(f"{total} runs, {total - len(missing)} of them done before, in {folder}")
        problems = _run(missing, total, jobs, lock, say)
        return _report(plan, cells, folder, metric, command, problems)


def _cells(plan: Plan, folder: Path) -> list[list[Cell]]:
    return [
        [
            Cell(
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
    missing: Sequence[Cell], total: int, jobs: int, lock: int, say: Callable[[str], None]
) -> list[str]:
    """Run the missing cells seed by seed, so that an early stop still has whole comparisons."""
    problems: list[str] = []
    done = total - len(missing)

    def finished(cell: Cell, code: int) -> None:
        nonlocal done
        done += 1
        run = cell.finished()
        if run is None:
            problems.append(f"{cell.name} failed with exit code {code}: {cell.problem()}")
            say(f"[{done}/{total}] {problems[-1]}")
            return
        record = read_record(run)
        name = next(iter(record.summary["headline"] or record.metrics), None)
        found = f"{name} {record.metrics[name]:.4f}" if name else "measured nothing"
        say(f"[{done}/{total}] {cell.name}: {found} ({duration(record.summary['seconds'])})")

    ordered = sorted(missing, key=lambda cell: int(cell.keys["seed"]))
    carry_out(ordered, jobs=jobs, lock=lock, finished=finished)
    return problems


def _report(
    plan: Plan,
    cells: Sequence[Sequence[Cell]],
    folder: Path,
    metric: str | None,
    command: Sequence[str],
    problems: Sequence[str],
) -> Ablation:
    groups, kept = _groups(plan, cells)
    results = _results(plan, groups, problems)
    if not groups:
        return Ablation(folder, (), (), problems, results)
    headline = comparison.headline_of(groups)
    known = list(groups[0].records[0].metrics)
    if not known:
        atomic_write.write_text(folder / "results.json", atomic_write.to_json(results))
        nothing = "these runs measure nothing on their test data, so there is nothing to compare"
        return Ablation(folder, (), (nothing,), problems, results)
    if metric is not None and metric not in known:
        raise UsageError(f"--metric: expected one of {', '.join(known)}, got {metric}")
    chosen = metric or (headline or known)[0]
    tables = [comparison.main_table(groups, chosen)]
    sentences = comparison.verdicts(groups, chosen) if kept else []
    results["verdicts"] = sentences
    atomic_write.write_text(folder / "results.json", atomic_write.to_json(results))
    write_html(
        folder / "report.html",
        title=f"{plan.task}: {len(plan.variants)} variants, {len(plan.seeds)} seeds",
        subtitle={"task": plan.task, "compared by": chosen, "runs": len(results["runs"])},
        sentences=sentences,
        tables=[*tables, comparison.configuration_table(groups), comparison.metrics_table(groups)],
        figures=comparison.figures(groups, list(dict.fromkeys([chosen, *headline]))),
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
    return Ablation(folder, tables, sentences, problems, results)


def _groups(plan: Plan, cells: Sequence[Sequence[Cell]]) -> tuple[list[Group], bool]:
    """Return a group for each variant with a finished run, and whether the baselines are there."""
    groups: list[Group] = []
    place: dict[int, int] = {}
    for number, (variant, row) in enumerate(zip(plan.variants, cells, strict=True)):
        runs = [run for cell in row if (run := cell.finished()) is not None]
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
