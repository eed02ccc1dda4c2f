"""Weights & Biases: offline in the run's folder, unless the user has set WANDB_MODE."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks import LoggedRun, Logger
from nntasks.plugins.loggers.quiet import environment_defaults

PROJECT = "nntasks"  # unless WANDB_PROJECT names another
_SILENT = {"WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}


class WandbLogger(Logger):
    """A run of Weights & Biases, named as the run's folder; `wandb sync` uploads it later.

    A resumed run has the same id. Online, steps that are there already are not sent again; offline,
    `wandb sync` leaves them out.
    """

    def __init__(self, run: LoggedRun) -> None:
        super().__init__(run)
        with environment_defaults(_SILENT):
            import wandb

            self._wandb = wandb
            self._log = wandb.init(
                project=os.environ.get("WANDB_PROJECT", PROJECT),
                mode=os.environ.get("WANDB_MODE", "offline"),
                id=run.folder.name,
                name=run.folder.name,
                job_type=run.task,
                config=dict(run.config),
                dir=str(run.folder),
                resume="allow",
                reinit="create_new",  # no run of the user's own is ended or taken over
                settings=wandb.Settings(
                    silent=True, console="off", disable_git=True, disable_code=True
                ),
            )

    def scalars(self, step: int, epoch: float, values: Mapping[str, float]) -> None:
        if step >= self._log.step:
            self._log.log({"epoch": epoch, **values}, step=step)

    def pictures(self, step: int, files: Mapping[str, Path]) -> None:
        pictures = {f"figures/{n}": self._wandb.Image(str(path)) for n, path in files.items()}
        self._log.log(pictures, step=max(step, self._log.step))

    def finish(self, summary: Mapping[str, Any], files: Sequence[Path]) -> None:
        metrics = summary["metrics"].items()
        self._log.summary.update({f"test/{n}": value for n, value in metrics if value is not None})
        for path in files:
            self._log.save(str(path), base_path=str(self.run.folder), policy="now")

    def close(self, end: Any) -> None:
        self._log.finish(exit_code=0 if end == "finished" else 1)
