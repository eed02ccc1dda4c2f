"""One run, from a name and some keys to numbers, pictures and a report."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import environment
from core.config import build, flatten, read_config_file
from core.context import TaskContext, info_to_json
from core.datasets import DataStore, checksums
from core.distributed import Workers
from core.errors import CheckFailed, NNTasksError, PluginError, UsageError
from core.evaluation import Evaluation, evaluate
from core.interfaces import Metric, Model, Outcome, Splits, Task
from core.registry import Registry, discover
from core.run_folder import RunFolder
from core.run_handle import Run
from core.seeding import Seeds


@dataclass(frozen=True)
class RunResult:
    """What a run gave.

    Attributes:
        summary: the content of summary.json.
        folder: the run's folder; None after a dry run.
        tables: what is worth printing (see `core.report.content.Table`).
    """

    summary: Mapping[str, Any]
    folder: Path | None
    tables: tuple[Any, ...] = ()


def run(
    task: str,
    *,
    config: Path | str | None = None,
    out: Path | str = "runs",
    quiet: bool = True,
    **keys: Any,
) -> RunResult:
    """Run a task: `core.run("yolo_detect", epochs=3)`.

    Args:
        task: name of the task.
        config: YAML file of keys, applied before `keys`.
        out: folder in which the run's own folder is created.
        quiet: print nothing.
        keys: the task's keys; options of data and model as `data_options={...}`.
    """
    layers = [read_config_file(Path(config))] if config else []
    return start(task, [*layers, keys], out=Path(out), quiet=quiet)


def make_task(name: str, layers: list[Mapping[str, Any]], registry: Registry | None = None) -> Task:
    """Resolve a task by name and configure it; everything that can be wrong by then is found."""
    registry = registry or discover()
    kind = registry.resolve("tasks", name)
    if not (isinstance(kind, type) and issubclass(kind, Task)):
        raise PluginError(f"task {name!r} must be a subclass of core.Task")
    layers = [{key: value for key, value in layer.items() if key != "task"} for layer in layers]
    config = build(kind.Config, *layers)
    context = TaskContext(name, registry, DataStore.from_environment(), Seeds(config.seed))
    context.check_choices(config)
    return kind(config, context)


def start(
    name: str,
    layers: list[Mapping[str, Any]],
    *,
    out: Path = Path("runs"),
    quiet: bool = False,
    dry_run: bool = False,
) -> RunResult:
    """Start a new run (steps 2 to 10 of the design)."""
    task = make_task(name, layers)
    if dry_run:
        return _dry_run(task)
    with _joined() as workers:
        # Before anything is written: missing data or unfit weights leave no folder.
        splits = task.load_data()
        model, trained = _starting_model(task, splits, None)
        folder = _create_folder(task, out, workers)
        session = _Session(task, splits, folder, workers, quiet)
        return session.complete(model, trained)


def resume(path: Path, *, quiet: bool = False) -> RunResult:
    """Go on with a run that was stopped, killed or failed; a complete one is returned as it is."""
    folder = RunFolder.open(path)
    summary = folder.read_json("summary.json")
    if summary is not None:
        return RunResult(summary, folder.path)
    task = task_of(folder)
    with _joined() as workers:
        splits = task.load_data()
        session = _Session(task, splits, folder, workers, quiet)
        model, trained = _starting_model(task, splits, session.handle.checkpoints.final)
        return session.complete(model, trained)


def evaluate_run(path: Path, layers: list[Mapping[str, Any]], *, quiet: bool = False) -> RunResult:
    """Evaluate the weights of a run again, with changed keys, into a run folder of its own."""
    folder = RunFolder.open(path)
    weights = final_weights(folder.path)
    stored = read_config_file(folder.path / "config.yaml")
    stored = {key: value for key, value in stored.items() if key != "pretrained"}
    out = folder.path.parent.parent
    return start(
        str(stored["task"]), [stored, *layers, {"weights": str(weights)}], out=out, quiet=quiet
    )


def task_of(folder: RunFolder) -> Task:
    """Return the task of a run, configured as it was."""
    stored = read_config_file(folder.path / "config.yaml")
    if "task" not in stored:
        raise UsageError(f"{folder.path / 'config.yaml'} names no task; is it the folder of a run?")
    return make_task(str(stored["task"]), [stored])


def final_weights(path: Path) -> Path:
    """Return the weights file that `path`, a file or a run, stands for."""
    if not path.exists():
        raise UsageError(
            f"weights: expected a file or the folder of a run, found nothing at {path}"
        )
    if path.is_file():
        return path
    weights = path / "checkpoints" / "final" / "model.safetensors"
    if weights.is_file():
        return weights
    config = path / "config.yaml"
    given = read_config_file(config).get("weights") if config.is_file() else None
    if given:  # a run that evaluated weights from elsewhere
        return final_weights(Path(given))
    raise UsageError(
        f"{path} holds no learned weights; if its training was stopped, finish it with --resume"
    )


def _starting_model(task: Task, splits: Splits, final: Path | None) -> tuple[Model, bool]:
    """Return the model that the run starts from, and whether it is trained already."""
    config, info = task.config, splits.info
    weights = config.weights or final
    if weights is not None:
        return task.load_model(final_weights(Path(weights)), info), True
    pretrained = getattr(config, "pretrained", None)
    if pretrained is not None:
        model = task.load_pretrained(final_weights(Path(pretrained)), info)
    else:
        model = task.build_model(info)
    if splits.train is None:
        raise UsageError(
            f"data={config.data} has no training split: give weights=FILE to evaluate, or "
            "name training data"
        )
    return model, False


def _create_folder(task: Task, out: Path, workers: Workers) -> RunFolder:
    """Create the run's folder in the main process; the others open it."""
    problem: NNTasksError | None = None
    path = None
    if workers.is_main:
        try:
            described = environment.describe(task.context.registry)
            described["data"] = _data_checksums(task)
            described["processes"] = workers.size
            path = RunFolder.create(out, task.context.task, flatten(task.config), described).path
        except NNTasksError as error:
            problem = error
    path, failed = workers.broadcast((path, problem and str(problem)))
    if problem:
        raise problem
    if failed:
        raise UsageError(failed)
    return RunFolder(path)


def _data_checksums(task: Task) -> dict[str, str]:
    dataset = task.context.dataset_class(task.config)
    return checksums(dataset) if dataset.folder else {}


def _dry_run(task: Task) -> RunResult:
    """Do everything that comes before the first step, and write nothing."""
    splits = task.load_data()
    model, _ = _starting_model(task, splits, None)
    task.build_metrics(splits.info)
    parameters = sum(math.prod(array.shape) for array in model.state().values())
    return RunResult(
        {
            "task": task.context.task,
            "dry_run": True,
            "config": flatten(task.config),
            "samples": {
                part: len(split)
                for part in ("train", "validation", "test")
                if (split := getattr(splits, part)) is not None
            },
            "classes": list(splits.info.classes),
            "model_numbers": parameters,
        },
        None,
    )


@contextlib.contextmanager
def _joined() -> Iterator[Workers]:
    workers = Workers.join()
    try:
        yield workers
    finally:
        workers.leave()


class _Session:
    """A run in progress."""

    def __init__(
        self, task: Task, splits: Splits, folder: RunFolder, workers: Workers, quiet: bool
    ) -> None:
        self.task = task
        self.splits = splits
        self.folder = folder
        self.workers = workers
        self.metrics: dict[str, Metric] = task.build_metrics(splits.info)
        self.handle = Run(
            folder,
            task.context.seeds,
            workers,
            self.metrics,
            task.headline,
            self._batch_size,
            quiet,
        )
        self.started = time.monotonic()

    @property
    def _batch_size(self) -> int:
        return int(getattr(self.task.config, "evaluation_batch", 32))

    def complete(self, model: Model, trained: bool) -> RunResult:
        """Train if there is training left, evaluate, check, report."""
        try:
            if not trained:
                self._fit(model)
            evaluation = self._evaluate(model)
            return self._report(model, evaluation)
        except NNTasksError as error:
            if self.workers.is_main:
                with contextlib.suppress(NNTasksError):  # the disk may be what failed
                    self.folder.log(f"stopped: {error}")
            raise

    def _fit(self, model: Model) -> None:
        task, config = self.task, self.task.config
        self.handle.say(f"training on {len(self.splits.train)} samples")
        model.fit(self.splits.train, validation=self.splits.validation, run=self.handle)
        self.handle.flush()
        if self.workers.is_main:
            description = {
                "task": task.context.task,
                "model": model.name or config.model,
                "model_options": config.model_options,
                "info": info_to_json(self.splits.info),
            }
            self.handle.checkpoints.save_final(model.state(), description)

    def _evaluate(self, model: Model) -> Evaluation:
        test = self.splits.test
        batches = math.ceil(len(test) / self._batch_size)
        with self.handle.bar("evaluating", len(test)) as advance:
            evaluation = evaluate(
                model,
                test,
                self.metrics,
                batch_size=self._batch_size,
                workers=self.workers,
                advance=advance,
            )
        self.handle.say(f"evaluated {len(test)} samples in {batches} batches")
        return evaluation

    def _report(self, model: Model, evaluation: Evaluation) -> RunResult:
        """Check the numbers and write everything down (in the main process)."""
        outcome = Outcome(
            evaluation.metrics,
            evaluation.values,
            self.splits.test,
            self.folder.history,
            model,
        )
        self._cross_check(outcome)
        summary = self._summary(model, evaluation)
        if not self.workers.is_main:
            return RunResult(summary, self.folder.path)
        from core.report import write_report

        tables = tuple(self.task.tables(outcome))
        items = self.task.items(outcome)
        self.folder.write_csv("items.csv", items)
        self.folder.write_history()
        for name, content in self.task.files(outcome).items():
            self.folder.write_bytes(name, content)
        figures = tuple(self.task.figures(outcome))
        thumbnails = self.task.thumbnails(outcome)
        write_report(self.folder, self.task, summary, tables, figures, items, thumbnails)
        # Last: a run with a summary is complete.
        self.folder.write_json("summary.json", summary)
        return RunResult(summary, self.folder.path, tables)

    def _cross_check(self, outcome: Outcome) -> None:
        for check in self.task.cross_checks(outcome):
            agree = abs(check.left - check.right) <= check.tolerance or (
                math.isnan(check.left) and math.isnan(check.right)
            )
            if not agree:
                raise CheckFailed(
                    f"{check.what}: {check.left!r} and {check.right!r} must agree, but do not; "
                    "please report this as a bug"
                )

    def _summary(self, model: Model, evaluation: Evaluation) -> dict[str, Any]:
        definitions = {
            name: sentence
            for metric in evaluation.metrics.values()
            for name, sentence in metric.definitions().items()
            if name in evaluation.values
        }
        config = self.task.config
        return {
            "task": self.task.context.task,
            "run": self.folder.path.name,
            "seed": config.seed,
            "seconds": round(time.monotonic() - self.started, 3),
            "kernels": environment.kernels(),
            "model": model.name or config.model,
            "data": config.data,
            "samples": len(self.splits.test),
            "headline": [name for name in self.task.headline if name in evaluation.values],
            "metrics": evaluation.values,
            "definitions": definitions,
        }
