"""The checks of `--resume`: intact checkpoints, consistent rows, unchanged data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nntasks.config import TaskConfig
from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder, reading
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.runner.fingerprint import difference

ROWS = "metrics.jsonl"  # in each checkpoint: the rows up to its step
HASHES = "hashes.jsonl"  # in each checkpoint: the hashes of the epochs before it
DATA = "data.json"  # in each checkpoint: the fingerprint of the data
IN_ENVIRONMENT = "fingerprint"  # its key in environment.json

Say = Callable[[str], None]


def recover(folder: RunFolder, say: Say) -> None:
    """Restore a stopped run to a consistent state; the caller holds the folder's lock.

    Removes damaged checkpoints and restores the rows of the newest intact one.

    Raises:
        UsageError: no checkpoint can be used, or environment.json is damaged.
    """
    folder.read_json("environment.json")  # the report needs it at the end
    _look_at_log(folder, say)
    checkpoints = Checkpoints(folder.checkpoints)
    checkpoints.discard_damaged(say)
    place = _newest(checkpoints)
    # Those of the checkpoint always fit it. One of an earlier version has none.
    folder.hashes = reading.read_lines(place / HASHES) if place else []
    own = folder.path / ROWS
    try:
        rows = reading.read_rows(own)
    except UsageError as error:
        source = place.name if place else "the beginning, where training starts again"
        say(f"{str(error).partition(';')[0]}; its rows are those of {source}")
        rows = []
    if place is None:  # training starts again
        rows = []
    if place is None or not (place / ROWS).is_file():
        folder.history = rows
        return
    kept = reading.read_rows(place / ROWS)
    if rows and rows[: len(kept)] != kept:
        say(f"{own} was changed; its rows are those of {place.name}")
    folder.history = kept


def check_data(folder: RunFolder, config: TaskConfig, now: Mapping[str, Any]) -> None:
    """Check that the data are those with which the run started.

    Raises:
        UsageError: names the data and the difference.
    """
    before = stored_fingerprint(folder)
    found = difference(before, now) if before else ""
    if found:
        raise UsageError(
            f"the data have changed since {folder.path} started: {found} ({_named(config)}); "
            "restore the data, or start a new run"
        )


def notice_data(folder: RunFolder, config: TaskConfig, now: Mapping[str, Any], say: Say) -> None:
    """Warn if the test data or the classes differ from those of an evaluated run."""
    found = change_of_test(folder, now)
    if found:
        say(
            f"warning: the data have changed since {folder.path}: {found} ({_named(config)}); its "
            "numbers and these are of different data"
        )


def change_of_test(folder: RunFolder, now: Mapping[str, Any]) -> str:
    """Describe how test data and classes differ from those of a run; empty if they do not.

    Empty too for a run of an earlier version, which has no fingerprint of its data.
    """
    parts = ("classes", "test")
    before = {part: value for part, value in stored_fingerprint(folder).items() if part in parts}
    here = {part: value for part, value in now.items() if part in parts}
    return difference(before, here) if before else ""


def stored_fingerprint(folder: RunFolder) -> Mapping[str, Any]:
    """Return the stored fingerprint of a run's data; empty if there is none."""
    place = _newest(Checkpoints(folder.checkpoints))
    if place is not None and (place / DATA).is_file():
        return reading.read_json(place / DATA) or {}
    found = (folder.read_json("environment.json") or {}).get(IN_ENVIRONMENT, {})
    return found if isinstance(found, dict) else {}


def _newest(checkpoints: Checkpoints) -> Path | None:
    """Return the folder of the final weights, or of the newest checkpoint."""
    if checkpoints.final is not None:
        return checkpoints.final.parent
    latest = checkpoints.latest()
    return latest.path if latest else None


def _look_at_log(folder: RunFolder, say: Say) -> None:
    try:
        reading.read_text(folder.path / "log.txt")
    except UsageError as error:
        say(f"{str(error).partition(';')[0]}; these bytes are kept as \\xNN")


def _named(config: TaskConfig) -> str:
    words = [f"data={config.data}"]
    words += [f"data.{key}={value}" for key, value in config.data_options.items()]
    return " ".join(words)
