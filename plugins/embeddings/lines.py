"""Lines of a user's text file."""

from __future__ import annotations

from pathlib import Path

from nntasks.errors import UsageError


def read_lines(path: Path, what: str) -> list[str]:
    """Return the lines of a UTF-8 file, without a byte order mark.

    Args:
        path: the file.
        what: what the file contains, for messages.

    Raises:
        UsageError: the file cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"cannot read {what} from {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected UTF-8, got another byte at {error.start}") from error
