"""Fonts for text in any script: each letter uses the first installed font that has it."""

from __future__ import annotations

import contextlib
import functools
import logging
import warnings
from collections.abc import Iterator

_LOG = logging.getLogger(__name__)
_FIRST = "DejaVu Sans"  # comes with Matplotlib
# Common fonts with the letters that the first lacks; which are installed depends on the system.
_FURTHER = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Sans",
    "Arial Unicode MS",
    "Unifont",
)
_MISSING = "missing from font"


class Once(logging.Filter):
    """Lets each message pass once in this process, also where copies of the process log it."""

    def __init__(self) -> None:
        super().__init__()
        self.passed: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        new = message not in self.passed
        self.passed.add(message)
        return new


ONCE = Once()
_LOG.addFilter(ONCE)


@functools.cache
def families() -> list[str]:
    """Return the installed fonts in the order of preference."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [_FIRST, *(name for name in _FURTHER if name in installed)]


@contextlib.contextmanager
def missing_letters_reported_once() -> Iterator[None]:
    """Report letters that no font has in one line, once; other warnings are unaffected."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", message=f".*{_MISSING}")
        yield
    lacking = False
    for warning in caught:
        if _MISSING in str(warning.message):
            lacking = True
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    if lacking:
        _report()


def _report() -> None:
    _LOG.warning(
        "figures show some letters as boxes, because no installed font has them; install a font "
        "for their script, such as Noto Sans CJK"
    )
