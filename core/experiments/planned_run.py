"""One run of a plan: its keys, its folder, and what has become of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.machine.program import child_command
from nntasks.run_folder import reading
from nntasks.storage import atomic_write

_FILE = "planned.json"
STDERR = "stderr.txt"
STOPPED = 130  # exit code of a run that wrote a checkpoint and can go on
_WORKER = "nntasks.cli.worker"  # a module of another room, started as a program


@dataclass(frozen=True)
class PlannedRun:
    """One run of a plan, finished or not.

    Attributes:
        name: its label in progress lines.
        task: name of the task.
        keys: the keys of the run, including the seed, as text.
        folder: the parent of this run's folder; no other run is written there.
    """

    name: str
    task: str
    keys: Mapping[str, str]
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> PlannedRun:
        """Read what `write` has written.

        Raises:
            UsageError: the folder holds no planned run.
        """
        found = reading.read_json(folder / _FILE)
        if not isinstance(found, dict) or not {"name", "task", "keys"} <= set(found):
            raise UsageError(f"{folder} holds no planned run: expected a file {_FILE}")
        return cls(found["name"], found["task"], found["keys"], folder)

    def write(self) -> None:
        """Write the plan of the run into its folder, for the process that will execute it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        plan = {"name": self.name, "task": self.task, "keys": dict(self.keys)}
        text = atomic_write.to_json(plan)
        if not (self.folder / _FILE).is_file():
            atomic_write.write_text(self.folder / _FILE, text)

    def command(self, owner: str) -> list[str]:
        """Return the command that claims the run, once it is written, and executes it.

        Args:
            owner: one word that identifies this attempt.
        """
        return child_command([str(self.folder.absolute()), owner], module=_WORKER)

    def finished(self) -> Path | None:
        """Return the folder of the finished run, if there is one."""
        return next((run for run in self._runs() if (run / "summary.json").is_file()), None)

    def words(self) -> list[str]:
        """Return the arguments of `nntasks` that start the run, or resume it."""
        started = self._runs()
        if started:
            return ["run", "--resume", str(started[-1]), "--json"]
        keys = [f"{key}={value}" for key, value in self.keys.items()]
        return ["run", self.task, *keys, "--out", str(self.folder), "--json"]

    def problem(self) -> str:
        """Return the last line that a failed run wrote, or that its launcher wrote about it."""
        for name in (STDERR, "launcher.txt"):
            file = self.folder / name
            if file.is_file():
                lines = file.read_text(errors="replace").strip().splitlines()
                if lines:
                    return lines[-1].removeprefix("nntasks: ")
        return "it printed no error"

    def histories(self) -> list[Path]:
        """Return the metrics files of the run, which grow while it runs."""
        return [file for run in self._runs() if (file := run / "metrics.jsonl").is_file()]

    def _runs(self) -> list[Path]:
        parent = self.folder / self.task
        found = parent.glob("[!.]*/config.yaml") if parent.is_dir() else ()
        return sorted({config.parent.resolve() for config in found})


def folder_name(text: str) -> str:
    """Return `text` as a valid folder name."""
    return re.sub(r"[^A-Za-z0-9=.+-]+", "_", text).strip("._")[:80] or "variant"
