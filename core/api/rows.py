"""Rows of a table, as plain dicts that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nntasks.api.html import render
from nntasks.errors import MissingError
from nntasks.report.formatting import format_value

if TYPE_CHECKING:
    import pandas

    from nntasks.interfaces.report_data import Table

SHOWN = 12  # rows that a notebook or the interpreter shows


class Rows(list[dict[str, Any]]):
    """A list of dicts, one per row.

    Args:
        rows: the rows.
        title: one line above the table.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = (), title: str = "") -> None:
        super().__init__(dict(row) for row in rows)
        self.title = title

    @classmethod
    def of(cls, table: Table) -> Rows:
        """Return the rows of a report's table, by its column headings."""
        rows = (dict(zip(table.columns, row, strict=False)) for row in table.rows)
        return cls(rows, table.title)

    @property
    def columns(self) -> list[str]:
        """The keys of all rows, in order of first appearance."""
        return list(dict.fromkeys(key for row in self for key in row))

    def column(self, name: str) -> list[Any]:
        """Return one column, with None where a row lacks it.

        Raises:
            KeyError: no row has this key; the message lists the columns.
        """
        if name not in self.columns:
            raise KeyError(f"no column {name!r}; the columns are {', '.join(self.columns)}")
        return [row.get(name) for row in self]

    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas DataFrame.

        Raises:
            MissingError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingError(
                "to_pandas() needs pandas, which is not installed; run: "
                "python -m pip install pandas"
            ) from error
        return pandas.DataFrame(list(self), columns=self.columns)

    def __repr__(self) -> str:
        name = f"{self.title!r}, " if self.title else ""
        return f"<Rows: {name}{len(self)} rows, columns {', '.join(self.columns) or 'none'}>"

    def _repr_html_(self) -> str:
        columns = self.columns
        cells = [[format_value(row.get(key)) for key in columns] for row in self[:SHOWN]]
        return render(
            "rows.html", title=self.title, columns=columns, rows=cells, more=len(self) - len(cells)
        )
