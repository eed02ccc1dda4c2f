"""The report of a run: figures, tables and numbers in one HTML file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.report.content import Figure, Key, Picture, Report, Table

if TYPE_CHECKING:
    from core.interfaces import Task
    from core.run_folder import RunFolder

__all__ = ["Figure", "Table", "write_report"]


def write_report(
    folder: RunFolder,
    task: Task,
    summary: Mapping[str, Any],
    tables: Sequence[Table],
    figures: Sequence[Figure],
    items: Sequence[Mapping[str, Any]],
) -> None:
    """Draw the figures into `figures/` and write `report.html`."""
    from core.report.html import render

    pictures = [_draw(folder, figure) for figure in [*_curves(folder, task), *figures]]
    numbers = [(n, v, summary["definitions"][n]) for n, v in summary["metrics"].items()]
    report = Report(
        title=f"{summary['task']} on {summary['data']}",
        subtitle=(
            f"run {summary['run']}, model {summary['model']}, {summary['samples']} test samples, "
            f"seed {summary['seed']}, {summary['seconds']:.0f} s, kernels: {summary['kernels']}"
        ),
        headline=[row for name in summary["headline"] for row in numbers if row[0] == name],
        numbers=numbers,
        tables=tables,
        pictures=pictures,
        keys=_keys(task.config),
        environment=folder.read_json("environment.json") or {},
        items=items,
        log=folder.log_lines,
        command=_command(task),
    )
    folder.write_text("report.html", render(report))


def _draw(folder: RunFolder, figure: Figure) -> Picture:
    from core.report.figures import png
    from core.report.style import house_style

    with house_style():
        content = png(figure.draw())
    folder.write_bytes(f"figures/{figure.name}.png", content)
    return Picture(figure.name, figure.title, figure.caption, content)


def _curves(folder: RunFolder, task: Task) -> list[Figure]:
    from core.report.figures import training_curves

    curves = training_curves(folder.history, task.headline)
    if curves is None:
        return []
    caption = "Training losses are means since the last point; validation uses all its samples."
    return [Figure("training", "Training", caption, lambda: curves)]


def _keys(config: Any) -> list[Key]:
    from core.config import flatten

    defaults = flatten(type(config)())
    fields = type(config).model_fields
    return [
        Key(
            name,
            _shown(value),
            _shown(defaults.get(name)),
            (fields[name].description or "") if name in fields else "option of the data or model",
        )
        for name, value in flatten(config).items()
    ]


def _command(task: Task) -> str:
    """Return the command line that differs from the defaults exactly as this run did."""
    changed = [f"{key.name}={key.value}" for key in _keys(task.config) if key.changed]
    return shlex.join(["python", "-m", "core", "run", task.context.task, *changed])


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
