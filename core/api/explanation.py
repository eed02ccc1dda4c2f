"""An explanation that shows itself."""

from __future__ import annotations

from typing import Any

from nntasks.api.html import render


class Explanation:
    """An explanation of one number of a model's output.

    `str()` is the text of the command line, `to_dict()` its JSON.
    """

    def __init__(self, explained: Any) -> None:
        self._explained = explained

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values."""
        return dict(self._explained.to_dict())

    def __str__(self) -> str:
        return str(self._explained)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return render("text.html", text=str(self))
