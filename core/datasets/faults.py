"""Collect the faults of a user's data and report them in one line before anything runs."""

from __future__ import annotations

from nntasks.errors import UsageError

NAMED = 20  # faults that are listed


class Faults:
    """A list of faults that keeps the first and counts the rest.

    Attributes:
        count: how many there are.
    """

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def add(self, fault: str) -> None:
        """Add one: which file, which line or key, what was expected, what came."""
        self.count += 1
        if len(self._first) < NAMED:
            self._first.append(one_line(fault))

    def refuse(self) -> None:
        """Refuse the data if there are any faults.

        Raises:
            UsageError: one line; a single fault as it is, of several their number and the first 20.
        """
        if self.count == 1:
            raise UsageError(self._first[0])
        if self.count:
            shown = "" if self.count <= NAMED else f", the first {NAMED}"
            raise UsageError(f"{self.count} faults in the data{shown}: {'; '.join(self._first)}")


def one_line(text: str) -> str:
    """Return text with line breaks and other control characters escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
