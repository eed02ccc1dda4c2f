"""A list of runs as a CSV file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks.storage.atomic_write import write_text
from nntasks.storage.csv_text import to_csv

_REMEDY = "choose another file"


def write(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    """Write rows, a line each; the values of a list, such as tags, stand in one cell.

    Args:
        path: the file, which is replaced.
        rows: of `ListedRun.row`.
        columns: the columns, in order; all of the rows' if there is none.

    Raises:
        RunFailed: the file cannot be written.
    """
    chosen = [{name: row.get(name) for name in columns} if columns else row for row in rows]
    plain = [{name: _one_cell(value) for name, value in row.items()} for row in chosen]
    write_text(path, to_csv(plain, columns), _REMEDY)


def _one_cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
