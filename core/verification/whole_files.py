"""The files of a run: there, readable, unchanged, and consistent with each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder, reading
from nntasks.run_folder.names import is_run_name
from nntasks.runner import recovery
from nntasks.storage import checksums

OF_EVERY_RUN = ("config.yaml", "environment.json", "summary.json", "metrics.jsonl", "items.csv")


def checkpoint_damage(folder: RunFolder) -> Iterator[str]:
    """Describe each damaged file of the checkpoints and the final weights."""
    for place in sorted(path for path in folder.checkpoints.glob("[!.]*") if path.is_dir()):
        for damage in checksums.damages(place):
            yield f"{place.relative_to(folder.path)}: {damage}"


def file_damage(folder: RunFolder) -> Iterator[str]:
    """Describe each file that is missing, cannot be read or contradicts another."""
    missing = [name for name in OF_EVERY_RUN if not (folder.path / name).is_file()]
    if {"summary.json", "items.csv"} <= set(missing):
        yield f"the run is not finished; continue it with --resume {folder.path}"
    for name in missing:
        yield f"{name} is missing"
    for reader in (_config, _environment, _summary, _rows, _hashes):
        try:
            yield from reader(folder)
        except UsageError as error:
            yield _own(str(error), folder.path)


def changed_files(folder: RunFolder) -> Iterator[str]:
    """Describe each file that has changed since the run ended, by its checksum."""
    if (folder.path / checksums.NAME).is_file():
        yield from checksums.damages(folder.path)


def _config(folder: RunFolder) -> Iterator[str]:
    stored = read_config_file(folder.path / "config.yaml")
    summary = folder.summary() or {}
    for key in ("task", "seed", "data"):
        if key in summary and stored.get(key) != summary[key]:
            yield f"config.yaml says {key}={stored.get(key)}, summary.json {summary[key]}"


def _environment(folder: RunFolder) -> Iterator[str]:
    found = (folder.read_json("environment.json") or {}).get(recovery.IN_ENVIRONMENT)
    if found and found != recovery.stored_fingerprint(folder):
        yield "environment.json: its fingerprint of the data is not that of the checkpoints"


def _summary(folder: RunFolder) -> Iterator[str]:
    summary = folder.summary()
    name = folder.path.name  # a copy may be called anything, but not like another run
    if summary is not None and summary["run"] != name and is_run_name(name):
        yield f"summary.json is of the run {summary['run']}"


def _rows(folder: RunFolder) -> Iterator[str]:
    yield from _same_lines(folder, recovery.ROWS, len(folder.history))


def _hashes(folder: RunFolder) -> Iterator[str]:
    yield from _same_lines(folder, recovery.HASHES, len(folder.hashes))


def _same_lines(folder: RunFolder, name: str, count: int) -> Iterator[str]:
    """Compare a file with the copy that was stored with the final weights, if there is one."""
    copy = folder.checkpoints / "final" / name
    kept = (reading.read_text(copy) or "").splitlines()
    now = (reading.read_text(folder.path / name) or "").splitlines()
    if not copy.is_file() or kept == now:
        return
    if count < len(kept):
        yield f"{name} has {count} of {len(kept)} rows"
    else:
        line = next(
            (n for n, pair in enumerate(zip(kept, now, strict=False), 1) if pair[0] != pair[1]), 0
        )
        yield f"{name}: line {line or len(kept) + 1} has changed"


def _own(message: str, place: Path) -> str:
    """Return a message without the run's path and without advice."""
    return message.partition(";")[0].replace(f"{place}/", "")
