"""A plugin as it was found, and the kinds of entries that it may bring."""

from __future__ import annotations

from dataclasses import dataclass

from nntasks.errors import PluginError
from nntasks.hookspecs import Entry

KINDS = ("tasks", "models", "metrics", "datasets")
SINGULAR = {"tasks": "task", "models": "model", "metrics": "metric", "datasets": "data set"}
BUILT_IN = "built in"


@dataclass(frozen=True)
class Plugin:
    """A plugin as it was found.

    Attributes:
        name: of the plugin.
        origin: "built in", or distribution and version.
        reason: why it is quarantined; empty for a healthy plugin.
        entries: (kind, entry) pairs that it announced.
        module: import name, for messages.
        complete: whether `entries` are all that it brings; False where it failed before the end.
    """

    name: str
    origin: str
    reason: str = ""
    entries: tuple[tuple[str, Entry], ...] = ()
    module: str = ""
    complete: bool = True


def one_line(error: BaseException) -> str:
    """Return an error of a plugin in one line; one of ours needs no class before its words."""
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
