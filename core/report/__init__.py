"""What a person sees of a run: figures, the one-file HTML report, tables in the terminal.

Importing this costs nothing; Matplotlib is imported by the functions that draw.
"""

from __future__ import annotations

from core.report.run_report import write_report

__all__ = ["write_report"]
