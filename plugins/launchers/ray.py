"""Runs as tasks of a Ray cluster (https://docs.ray.io), or of one on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.interfaces.launcher import Command, Job, Launcher
from nntasks.plugins.launchers import following

_LEAST_STORE = 80 << 20  # bytes: no objects are shared


class RayConfig(Options):
    """What each run asks of the cluster."""

    address: str = Field(
        "", description="an existing cluster: auto, HOST:PORT or ray://HOST:PORT; none starts one"
    )
    num_cpus: float = Field(1, gt=0, description="cores per run")
    num_gpus: float = Field(0, ge=0, description="GPUs per run, or a fraction of one")


class RayJob(Job):
    """A task."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference

    def ended(self) -> str | None:
        import ray

        ready, _ = ray.wait([self._reference], timeout=0)
        if not ready:
            return None
        try:
            return f"exit code {ray.get(self._reference)}"
        except ray.exceptions.RayError as error:
            return " ".join(str(error).split())[:200]

    def stop(self) -> None:
        import ray

        ray.cancel(self._reference, force=False)


class RayLauncher(Launcher):
    """Hands all commands to Ray, which runs as many as fit; at most `jobs` of them at a time."""

    Config = RayConfig
    at_once = 1000

    def __init__(self, config: RayConfig, *, folder: Path, jobs: int | None) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # otherwise Ray would phone home
        import ray

        super().__init__(config, folder=folder, jobs=jobs)
        own: dict[str, Any] = {} if config.address else {"object_store_memory": _LEAST_STORE}
        self._is_ours = not ray.is_initialized()
        try:
            ray.init(
                address=config.address or "local",
                include_dashboard=None if config.address else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                ignore_reinit_error=True,
                **own,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UsageError(
                f"launcher ray: cannot use the cluster {config.address or 'on this machine'}: "
                f"{reason}"
            ) from error
        ray.cloudpickle.register_pickle_by_value(following)
        asked = ray.remote(num_cpus=config.num_cpus, num_gpus=config.num_gpus)
        self._task = asked(following.follow)

    def submit(self, commands: Sequence[Command]) -> Sequence[Job]:
        return [
            RayJob(
                self._task.remote(
                    following.Following(command.words, str(command.folder / "launcher.txt"))
                )
            )
            for command in commands
        ]

    def close(self) -> None:
        import ray

        ray.cloudpickle.unregister_pickle_by_value(following)
        if self._is_ours:
            ray.shutdown()
