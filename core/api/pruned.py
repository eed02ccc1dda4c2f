"""What a removal of runs has done, or would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nntasks.api.html import render
from nntasks.api.rows import Rows
from nntasks.report.formatting import file_size

if TYPE_CHECKING:
    from nntasks.run_list.pruning import Pruning


class Pruned:
    """A removal of runs, which shows itself.

    Attributes:
        runs: a row for each run that goes: run, task, state, tags, size in bytes.
        size: the bytes that become free.
        kept: how many chosen runs stay, by reason: running, latest, tagged, best.
        removed: whether they are gone; False if they were only chosen.
    """

    def __init__(self, found: Pruning, removed: bool) -> None:
        plain = found.to_dict()
        self.runs = Rows(plain["runs"], "removed" if removed else "would be removed")
        self.size: int = plain["size"]
        self.kept: dict[str, int] = plain["kept"]
        self.removed = removed

    def __repr__(self) -> str:
        kept = ", ".join(f"{count} {reason}" for reason, count in self.kept.items())
        verb = "removed" if self.removed else "would remove"
        what = f"{len(self.runs)} {'run' if len(self.runs) == 1 else 'runs'}"
        hint = "" if self.removed or not self.runs else "; yes=True removes them"
        return f"{verb} {what}, {file_size(self.size)}; kept: {kept or 'none of those'}{hint}"

    def _repr_html_(self) -> str:
        tables = [self.runs._repr_html_()] if self.runs else []
        return render("comparison.html", tables=tables, sentences=[repr(self)])
