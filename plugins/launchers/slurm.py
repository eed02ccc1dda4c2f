"""Runs as array jobs of a Slurm cluster, by submitit (https://github.com/facebookincubator/submitit)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from nntasks.config import Options
from nntasks.errors import RunFailed, UsageError
from nntasks.interfaces.launcher import Command, Job, Launcher
from nntasks.plugins.launchers import following


class SlurmConfig(Options):
    """What each run asks of the cluster."""

    partition: str | None = Field(None, description="partition of the cluster")
    time: int = Field(60, ge=1, description="time limit of a job, in minutes")
    gpus: int = Field(0, ge=0, description="GPUs per run")
    cpus: int | None = Field(None, ge=1, description="cores per run")
    memory: float | None = Field(None, gt=0, description="memory per run, in gigabytes")
    account: str | None = Field(None, description="account that pays")
    qos: str | None = Field(None, description="quality of service")
    constraint: str | None = Field(None, description="features that a node must have")
    grace: int = Field(90, ge=1, description="seconds between the signal and the end of a job")
    requeues: int = Field(
        10, ge=0, description="how many times a run that ran out of time is resumed"
    )
    cluster: Literal["slurm", "local"] = Field(
        "slurm", description="slurm, or local to run submitit's jobs on this machine"
    )


class _Resumable(following.Following):
    """A command that submitit may requeue: it writes a checkpoint, and goes on when run again."""

    def checkpoint(self) -> Any:
        import submitit

        self.stop()
        return submitit.helpers.DelayedSubmission(self)


class SlurmJob(Job):
    """A job, or one of an array."""

    def __init__(self, job: Any) -> None:
        self._job = job

    def ended(self) -> str | None:
        return f"job {self._job.job_id}: {self._job.state}" if self._job.done() else None

    def stop(self) -> None:
        self._job.cancel(check=False)


class SlurmLauncher(Launcher):
    """Submits all commands of a call as one array; `jobs` of them run at a time."""

    Config = SlurmConfig
    at_once = 1000  # the size of an array that clusters take by default

    def __init__(self, config: SlurmConfig, *, folder: Path, jobs: int | None) -> None:
        import submitit

        super().__init__(config, folder=folder, jobs=jobs)
        self.at_once = type(self).at_once
        logs = (folder / "submitit").absolute()
        try:
            self._executor = submitit.AutoExecutor(
                logs, cluster=config.cluster, slurm_max_num_timeout=config.requeues
            )
        except RuntimeError as error:
            raise UsageError(
                f"launcher slurm: {_one_line(error)} Start the command where sbatch and srun are, "
                "or try it with launcher.cluster=local"
            ) from error
        self._executor.update_parameters(**self._parameters())

    def _parameters(self) -> dict[str, Any]:
        config = self.config
        asked = {
            "name": "nntasks",
            "timeout_min": config.time,
            "nodes": 1,
            "tasks_per_node": 1,
            "gpus_per_node": config.gpus or None,
            "cpus_per_task": config.cpus,
            "mem_gb": config.memory,
            "slurm_partition": config.partition,
            "slurm_account": config.account,
            "slurm_qos": config.qos,
            "slurm_constraint": config.constraint,
            "slurm_signal_delay_s": config.grace,
            "slurm_array_parallelism": self.jobs or self.at_once,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def submit(self, commands: Sequence[Command]) -> Sequence[Job]:
        import cloudpickle
        import submitit

        functions = [
            _Resumable(command.words, str(command.folder / "launcher.txt")) for command in commands
        ]
        modules = (following, sys.modules[__name__])
        for module in modules:
            cloudpickle.register_pickle_by_value(module)
        try:
            return [SlurmJob(job) for job in self._executor.submit_array(functions)]
        except (submitit.core.utils.FailedJobError, OSError) as error:
            raise RunFailed(f"launcher slurm: sbatch failed: {_one_line(error)}") from error
        finally:
            for module in modules:
                cloudpickle.unregister_pickle_by_value(module)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[-300:]
