"""Interactive forms of figures: what their scripts need, made from plain values."""

from __future__ import annotations

_HERE = "nntasks.report.interactive"
# What starts the interactive figures of a page.
SCRIPTS: tuple[tuple[str, str], ...] = ((_HERE, "start.js"),)
STYLES: tuple[tuple[str, str], ...] = ((_HERE, "interactive.css"),)
