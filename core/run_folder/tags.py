"""The tags of a run, one a line in its tags.txt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.run_folder import reading
from nntasks.storage import atomic_write

NAME = "tags.txt"
_TAG = re.compile(r"[\w.+-]{1,60}")


def read(run: Path) -> tuple[str, ...]:
    """Return the tags of a run in alphabetical order.

    Raises:
        UsageError: the file cannot be read.
    """
    return tuple(sorted({*(reading.read_text(run / NAME) or "").split()}))


def change(run: Path, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """Add and remove tags; return those that the run then has.

    Raises:
        UsageError: a tag holds other characters than letters, digits, '_', '-', '+' and '.'.
        RunFailed: the file cannot be written.
    """
    for tag in (added := list(add)):
        if not (isinstance(tag, str) and _TAG.fullmatch(tag)):
            raise UsageError(
                f"expected a tag of up to 60 letters, digits, '_', '-', '+' and '.', got {tag!r}"
            )
    tags = tuple(sorted({*read(run), *added} - {*remove}))
    atomic_write.write_text(run / NAME, "".join(f"{tag}\n" for tag in tags))
    return tags
