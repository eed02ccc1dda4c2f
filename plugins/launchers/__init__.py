"""Where `ablate` and `tune` start their runs: this machine, Slurm, Ray."""

from __future__ import annotations

from nntasks import Entry, hookimpl


@hookimpl
def register_launchers() -> list[Entry]:
    here = "nntasks.plugins.launchers"
    return [
        Entry("local", f"{here}.local:LocalLauncher", "processes on this machine"),
        Entry(
            "slurm",
            f"{here}.slurm:SlurmLauncher",
            "array jobs of a Slurm cluster, by submitit",
            requires=("submitit",),
        ),
        Entry("ray", f"{here}.ray:RayLauncher", "tasks of a Ray cluster", requires=("ray",)),
    ]
