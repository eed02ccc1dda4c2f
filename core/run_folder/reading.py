"""Read the text files of a run; damage is reported in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError

_SUMMARY: dict[str, Any] = {
    "task": str,
    "run": str,
    "seed": int,
    "seconds": (int, float),
    "model": str,
    "data": str,
    "samples": int,
    "headline": list,
    "metrics": dict,
    "definitions": dict,
}


def read_json(path: Path) -> Any:
    """Read a file that holds a JSON object; None where there is no such file.

    Raises:
        UsageError: it is damaged.
    """
    text = read_text(path)
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"expected JSON: {error}") from error
    if not isinstance(value, dict):
        raise damaged(path, f"expected a JSON object, got {type(value).__name__}")
    return value


def read_summary(path: Path) -> Mapping[str, Any] | None:
    """Read summary.json and check the keys that others use; None if there is none.

    Raises:
        UsageError: it is damaged.
    """
    summary = read_json(path)
    if summary is None:
        return None
    for key, kind in _SUMMARY.items():
        if not isinstance(summary.get(key), kind):
            raise damaged(path, f"its {key!r} is {summary.get(key)!r}")
    for name, number in summary["metrics"].items():
        if number is not None and not isinstance(number, (int, float)):
            raise damaged(path, f"its metric {name!r} is {number!r}")
    headline = summary["headline"]
    if not all(isinstance(name, str) and name in summary["metrics"] for name in headline):
        raise damaged(path, f"its 'headline' is {headline!r}")
    return summary


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a metrics.jsonl, an object a line; empty where there is none.

    Raises:
        UsageError: a line is damaged.
    """
    rows = read_lines(path)
    for number, row in enumerate(rows, 1):
        if not _is_row(row):
            raise damaged(path, f"line {number} is not a row")
    return rows


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read a JSON object from each line of a file; empty where there is none.

    Raises:
        UsageError: a line is damaged.
    """
    rows = []
    for number, line in enumerate((read_text(path) or "").splitlines(), 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise damaged(path, f"line {number} is not a row")
        rows.append(row)
    return rows


def _is_row(row: Any) -> bool:
    if not isinstance(row.get("split", ""), str):
        return False
    numbers = [value for key, value in row.items() if key != "split"]
    return all(value is None or isinstance(value, (int, float)) for value in numbers)


def read_text(path: Path) -> str | None:
    """Read UTF-8 text; None where there is no such file.

    Raises:
        UsageError: it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise damaged(path, f"expected UTF-8, got byte {error.object[error.start]:#04x}") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def damaged(path: Path, what: str) -> UsageError:
    """Return the error for a damaged file of a run."""
    return UsageError(
        f"{path} is damaged: {' '.join(what.split())}; restore it from a copy, or move it away"
    )
