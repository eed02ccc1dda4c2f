"""Lines of a user's text file."""

from __future__ import annotations

from pathlib import Path

from nntasks.errors import UsageError


def read_lines(path: Path, what: str, encoding: str = "utf-8", errors: str = "strict") -> list[str]:
    """Return the lines of a file, without a byte order mark.

    Args:
        path: the file.
        what: what the file contains, for messages.
        encoding, errors: as for `bytes.decode`.

    Raises:
        UsageError: the file cannot be read, or is not in the encoding.
    """
    try:
        return path.read_text(encoding, errors).removeprefix("\ufeff").splitlines()
    except LookupError as error:
        raise UsageError(f"encoding: expected one that Python knows, got {encoding!r}") from error
    except OSError as error:
        raise UsageError(f"cannot read {what} from {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding.lower() in ("utf-8", "utf8") else encoding
        raise UsageError(f"{path}: expected {name}, got another byte at {error.start}") from error
