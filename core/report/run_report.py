"""Write the figures and the report of a finished run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nntasks.interfaces.report_data import DrawnFigure, Figure, ReportContent, Table, Thumbnail
from nntasks.report.drawing import Piece, collect, figure_piece, make_all
from nntasks.report.formatting import duration, format_value, without_interval
from nntasks.report.gallery import encoded

if TYPE_CHECKING:
    from nntasks.interfaces import Outcome, Task
    from nntasks.interfaces.pictures import ImageBrowser
    from nntasks.run_folder import RunFolder

Setting = tuple[str, Any, Any, str]
_RUN_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-")


def write_report(
    folder: RunFolder,
    task: Task,
    summary: Mapping[str, Any],
    outcome: Outcome,
    tables: Sequence[Table],
    items: Sequence[Mapping[str, Any]],
) -> None:
    """Draw the figures and write `figures/*.png` and `report.html` into the folder of a run.

    A figure that cannot be drawn does not fail the run: the reason is logged, printed and shown in
    the report.

    Args:
        folder: the run's folder, with its history, log and environment.json.
        task: the task: its configuration, data set, figures and pictures.
        summary: the content of summary.json.
        outcome: the evaluation.
        tables: the task's own.
        items: the rows of items.csv.
    """
    from nntasks.report.html import render_report

    pictures, small, browser, problems = _pictures(folder, task, summary, outcome)
    _warn(folder, task, problems)
    settings, environment = list(_settings(task)), folder.read_json("environment.json") or {}
    content = ReportContent(
        title=f"{summary['task']}: {summary['model']} on {summary['data']}",
        subtitle=_subtitle(summary),
        headline=_numbers(summary, summary["headline"]),
        metrics=_numbers(summary, summary["metrics"]),
        intervals=summary.get("intervals", {}),
        tables=tables,
        figures=pictures,
        configuration=settings,
        environment=environment,
        items=items,
        thumbnails=small,
        thumbnails_caption=task.thumbnails_caption,
        browser=browser,
        warnings=[*problems, *_warnings(environment), *_gaps(summary)],
        log=folder.log_lines,
        command=_command(summary["task"], settings, environment),
        citation=_citation(task, summary, environment),
        verdict=summary.get("verdict", {}),
    )
    folder.write_text("report.html", render_report(content))


def _pictures(
    folder: RunFolder, task: Task, summary: Mapping[str, Any], outcome: Outcome
) -> tuple[list[DrawnFigure], list[Thumbnail], ImageBrowser | None, list[str]]:
    """Draw everything; return the figures, the gallery, the image browser and the problems.

    The figures are written into the folder.
    """
    figures = [*training_figures(folder.history, summary["headline"]), *task.figures(outcome)]
    others = (  # first, since they take longest
        Piece("gallery", lambda: encoded(task.thumbnails(outcome))),
        Piece("image browser", lambda: task.browser(outcome)),
    )
    small, browser, *drawn = make_all([*others, *map(figure_piece, figures)])
    pictures, problems = collect(
        figures, drawn, lambda name, png: folder.write_bytes(f"figures/{name}.png", png)
    )
    for piece, made in zip(others, (small, browser), strict=True):
        if made.problem:
            problems.append(f"the {piece.name} is missing: {made.problem}")
    return pictures, small.value or [], browser.value, problems


def _warn(folder: RunFolder, task: Task, problems: Iterable[str]) -> None:
    for problem in problems:
        folder.log(problem)
        task.context.warn(problem)


def _numbers(summary: Mapping[str, Any], names: Iterable[str]) -> list[tuple[str, float, str]]:
    metrics, definitions = summary["metrics"], summary["definitions"]
    return [(name, metrics[name], definitions.get(name, "")) for name in names]


def _subtitle(summary: Mapping[str, Any]) -> dict[str, str]:
    facts = {"task": summary["task"], "run": summary["run"]}
    stamp = _RUN_NAME.match(summary["run"])
    if stamp:
        year, month, day, hour, minute, _ = stamp.groups()
        facts["date"] = f"{year}-{month}-{day} {hour}:{minute}"
    return facts | {
        "duration": duration(summary["seconds"]),
        "test samples": format_value(summary["samples"]),
        "seed": format_value(summary["seed"]),
        "kernels": summary["kernels"],
    }


def training_figures(
    history: Sequence[Mapping[str, Any]], headline: Sequence[str]
) -> Iterator[Figure]:
    """Yield the figure of the training curves if there is a history."""
    from nntasks.report.figures import training_curves
    from nntasks.report.interactive.curves import training

    if history:
        yield Figure(
            "training_curves",
            "Training",
            "The legends of the picture give the last values.",
            lambda: training_curves(history, headline),
            interactive=lambda: training(history, headline),
        )


def _settings(task: Task) -> Iterator[Setting]:
    """Yield (key, value, default, description) of each key; data and model options come last."""
    config, context = task.config, task.context
    values = config.model_dump(mode="json")
    groups = {name: values.pop(f"{name}_options", None) for name in ("data", "model")}
    yield from _group(type(config), values, "")
    builders = {"data": context.choices.dataset, "model": context.choices.model}
    for name, given in groups.items():
        schema = getattr(builders[name], "Config", None)
        yield from _group(schema, given or {}, f"{name}.")


def _group(schema: Any, given: Mapping[str, Any], prefix: str) -> Iterator[Setting]:
    from pydantic import ValidationError

    if schema is None:
        return
    try:
        defaults = schema().model_dump(mode="json")
    except ValidationError:  # a key without default must always be given
        defaults = {}
    values = schema.model_validate({**defaults, **given}).model_dump(mode="json")
    for key, field in schema.model_fields.items():
        if not key.endswith("_options"):
            default = defaults.get(key)
            yield f"{prefix}{key}", values[key], default, field.description or ""


def _command(task: str, settings: Sequence[Setting], environment: Mapping[str, Any]) -> str:
    """Return the command line of this run: the task and every key that differs from its default."""
    words = ["nntasks", "run", task]
    for key, value, default, _ in settings:
        if value != default or key == "seed":
            words.append(f"{key}={_as_typed(value)}")
    if environment.get("processes", 1) > 1:
        words += ["--nproc", str(environment["processes"])]
    return shlex.join(words)


def run_command(task: Task, environment: Mapping[str, Any]) -> str:
    """Return the command line of a task's run."""
    return _command(task.context.task, list(_settings(task)), environment)


def _as_typed(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(_as_typed, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def _gaps(summary: Mapping[str, Any]) -> list[str]:
    sentence = without_interval(summary)
    return [sentence] if sentence else []


def _warnings(environment: Mapping[str, Any]) -> Iterator[str]:
    for name, plugin in environment.get("plugins", {}).items():
        if plugin.get("quarantined"):
            yield f"plugin {name!r} was not used: {plugin['quarantined']}"
    if str(environment.get("git") or "").endswith("+changes"):
        yield "the source tree had uncommitted changes"


def _citation(task: Task, summary: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
    revision = f", revision {environment['git']}" if environment.get("git") else ""
    text = (
        f"nntasks {environment.get('nntasks', '')}{revision}: task {summary['task']}, "
        f"model {summary['model']}, seed {summary['seed']}, run {summary['run']}."
    )
    dataset = task.context.choices.dataset
    if dataset.source:
        terms = f" ({dataset.licence})" if dataset.licence else ""
        text += f" Data: {dataset.source}{terms}."
    return text
