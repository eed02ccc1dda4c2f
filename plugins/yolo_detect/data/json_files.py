"""JSON files, plain or compressed, with errors that name the file and the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.storage.compression import open_content


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; one compressed with gzip, xz or bzip2 is unpacked.

    Raises:
        UsageError: it cannot be read, is damaged, or is not JSON (with line and column).
    """
    try:
        with open_content(path) as file:
            return json.loads(file.read().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{path}: is not JSON: {error.msg} at {where}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not JSON: it is not UTF-8 text ({error.reason})") from error
    except (ValueError, RecursionError) as error:  # a huge number or deep nesting
        raise UsageError(f"{path}: is not JSON that can be read: {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
