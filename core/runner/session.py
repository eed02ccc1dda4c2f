"""A run in progress: finish training, evaluate, check, report."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nntasks import contracts
from nntasks.context import info_to_json
from nntasks.errors import CheckFailed, Interrupted, NNTasksError
from nntasks.interfaces import Metric, Model, Outcome, Splits, Task
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.machine import environment
from nntasks.machine.distributed import Workers
from nntasks.report.formatting import how_many
from nntasks.run_folder import RunFolder, latest
from nntasks.runner.evaluation import Evaluation, evaluate, evaluation_batch, intervals
from nntasks.runner.handle import Run
from nntasks.runner.logs import Logs, logger_classes
from nntasks.runner.result import RunResult
from nntasks.runner.stored_config import stored_config


class Session:
    """A run in progress."""

    def __init__(
        self,
        task: Task,
        splits: Splits,
        folder: RunFolder,
        workers: Workers,
        quiet: bool,
        fingerprint: Mapping[str, Any],
    ) -> None:
        self.task = task
        self.splits = splits
        self.folder = folder
        self.workers = workers
        self.metrics: dict[str, Metric] = contracts.task_metrics(task, splits.info)
        self.handle = Run(
            folder,
            task.context.seeds,
            workers,
            self.metrics,
            task.headline,
            self._batch_size,
            quiet,
        )
        self.handle.fingerprint = fingerprint
        self.started = time.monotonic()

    @property
    def _batch_size(self) -> int:
        return evaluation_batch(self.task)

    def complete(self, model: Model, trained: bool, known: Evaluation | None = None) -> RunResult:
        """Finish training if necessary, evaluate, check and report; copy it all to the loggers.

        Args:
            model: of the run.
            trained: whether its weights are final.
            known: the evaluation, if it took place elsewhere.
        """
        if not self.workers.is_main:
            return self._complete(model, trained, known)
        kinds = logger_classes(self.task)
        with Logs.of(kinds, self.task, self.folder, stored_config(self.task)) as logs:
            self.handle.logs = logs
            done = self._complete(model, trained, known)
            logs.finish(self.folder, done.summary)
            return done

    def _complete(self, model: Model, trained: bool, known: Evaluation | None) -> RunResult:
        try:
            if not trained:
                self._fit(model)
            return self._report(model, known or self.evaluate(model))
        except NNTasksError as error:
            if self.workers.is_main:
                with contextlib.suppress(NNTasksError):  # the disk itself may have failed
                    self.folder.log(f"stopped: {error}")
                if not isinstance(error, Interrupted):
                    latest.give_back(self.folder.path, self.task.context.warn)
            raise

    def _fit(self, model: Model) -> None:
        task, config = self.task, self.task.config
        self.handle.say(f"training on {how_many(len(self.splits.train), 'sample')}")
        model.fit(self.splits.train, validation=self.splits.validation, run=self.handle)
        self.handle.flush()
        self.handle.keep_hashes()
        if self.workers.is_main:
            description = {
                "task": task.context.task,
                "model": model.name or config.model,
                "model_options": config.model_options,
                "info": info_to_json(self.splits.info),
            }
            self.handle.checkpoints.save_final(model.state(), description)

    def evaluate(self, model: Model) -> Evaluation:
        """Evaluate a model on the test split."""
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
        said = f"{how_many(len(test), 'sample')} in {how_many(batches, 'batch', 'batches')}"
        self.handle.say(f"evaluated {said}")
        return evaluation

    def _report(self, model: Model, evaluation: Evaluation) -> RunResult:
        """Check the numbers and write all results (in the main process)."""
        outcome = self.outcome(model, evaluation)
        self.workers.once(lambda: self._cross_check(outcome))
        summary = self.summary(model, evaluation)
        if not self.workers.is_main:
            return RunResult(summary, self.folder.path)
        from nntasks.report.run_report import write_report

        tables = tuple(self.task.tables(outcome))
        items = self.task.items(outcome)
        summary["verdict"] = self._verdict(summary, outcome)
        self.folder.write_csv("items.csv", items)
        self.folder.write_history()
        for name, content in self.task.files(outcome).items():
            self.folder.write_bytes(name, content)
        write_report(self.folder, self.task, summary, outcome, tables, items)
        # A run with a summary is complete.
        self.folder.write_json("summary.json", summary)
        self.folder.write_checksums()
        return RunResult(summary, self.folder.path, tables)

    def _verdict(self, summary: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
        """Judge the numbers; a task whose yardsticks fail gets no verdict and a warning."""
        from nntasks.advice.evidence import evidence
        from nntasks.advice.judging import verdict
        from nntasks.report.formatting import from_here
        from nntasks.report.run_report import run_command

        task = self.task
        try:
            known = task.yardsticks(outcome)
        except Exception as error:  # a plugin's code can raise anything
            reason = " ".join(str(error).split())
            task.context.warn(f"no verdict: {type(error).__name__}: {reason}")
            known = Yardsticks()
        if not known.published:
            data = task.context.choices
            known = replace(known, published=data.dataset.published_for(data.dataset_options))
        keys = task.config.model_dump(mode="json")
        run = evidence(summary, outcome.history, keys, known)
        if run is None:
            return {"good": [], "next": []}
        command = run_command(task, self.folder.read_json("environment.json") or {})
        return verdict(run, command, from_here(self.folder.path))

    def outcome(self, model: Model, evaluation: Evaluation) -> Outcome:
        """Return an evaluation for the task's rows, tables and figures."""
        return Outcome(
            evaluation.metrics, evaluation.values, self.splits.test, self.folder.history, model
        )

    def _cross_check(self, outcome: Outcome) -> None:
        for check in self.task.cross_checks(outcome):
            agree = abs(check.left - check.right) <= check.tolerance or (
                math.isnan(check.left) and math.isnan(check.right)
            )
            if not agree:
                raise CheckFailed(
                    f"{check.what}: {check.left!r} and {check.right!r} must agree, but differ; "
                    "please report this as a bug"
                )

    def summary(self, model: Model, evaluation: Evaluation) -> dict[str, Any]:
        """Return the content of summary.json."""
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
            "parameters": model.parameter_count(),
            "data": config.data,
            "samples": len(self.splits.test),
            "headline": [name for name in self.task.headline if name in evaluation.values],
            "metrics": evaluation.values,
            "intervals": intervals(evaluation) if self.workers.is_main else {},
            "definitions": definitions,
        }
