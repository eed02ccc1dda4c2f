"""Write files atomically: complete or not at all."""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nntasks.errors import RunFailed
from nntasks.storage.failures import cannot_write

RESUME = "free space, then go on with --resume"  # the remedy for a file of a run
_REMEDY = "free space or choose another place, then repeat the command"


def write_bytes(path: Path, data: bytes, remedy: str = _REMEDY) -> None:
    """Write `data` to `path` (see `opened`)."""
    with opened(path, remedy) as file:
        file.write(data)


@contextlib.contextmanager
def opened(path: Path, remedy: str = _REMEDY) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; flush and rename it after the block.

    Args:
        path: the file.
        remedy: what to do where it cannot be written, such as which option names another file.

    Raises:
        RunFailed: naming the file and the reason (disk full, no permission); `path` is then as it
            was before, and the temporary file is gone, as after any error in the block.
    """
    # Not named after the file, whose name may already have the maximum length.
    temporary = path.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if not isinstance(error, OSError):
            raise
        raise RunFailed(cannot_write(path, error, remedy)) from error


def remove_temporaries(folder: Path) -> None:
    """Remove temporary files that a killed process left in `folder` and below."""
    for left in [*folder.rglob(".*.tmp")]:
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                left.unlink()


def write_text(path: Path, text: str, remedy: str = _REMEDY) -> None:
    """Write UTF-8 text atomically (see `write_bytes`).

    A byte of a file's name that is no UTF-8 becomes its escape, `\\udce9`, which JSON reads back.
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"), remedy)


def to_json(value: Any, *, ascii_only: bool = False) -> str:
    """Return indented JSON; numbers that are not finite become null, as JSON lacks them."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=ascii_only, allow_nan=False) + "\n"


def to_json_line(value: Any) -> str:
    """Return JSON in ASCII on one line."""
    return json.dumps(_plain(value), allow_nan=False)


def to_json_lines(value: dict[str, Any]) -> str:
    """Return JSON in ASCII with a line for each key, whatever the key holds."""
    lines = (f"  {json.dumps(key)}: {to_json_line(held)}" for key, held in value.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # NumPy and torch numbers and arrays
        return _plain(value.tolist())
    return str(value)
