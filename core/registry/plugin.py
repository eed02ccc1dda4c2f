"""A discovered plugin, and the kinds of entries."""

from __future__ import annotations

from dataclasses import dataclass

from nntasks.errors import PluginError
from nntasks.hookspecs import Entry

KINDS = ("tasks", "models", "metrics", "datasets", "exercises", "notebooks", "loggers", "launchers")
SINGULAR = {
    "tasks": "task",
    "models": "model",
    "metrics": "metric",
    "datasets": "data set",
    "exercises": "exercise",
    "notebooks": "notebook",
    "loggers": "logger",
    "launchers": "launcher",
}
# Those whose entries say which tasks they serve.
OF_TASKS = ("models", "metrics", "datasets", "exercises", "notebooks")
BUILT_IN = "built in"


@dataclass(frozen=True)
class Plugin:
    """A discovered plugin.

    Attributes:
        name: of the plugin.
        origin: "built in", or distribution and version.
        reason: why it is quarantined; empty for a healthy plugin.
        entries: its (kind, entry) pairs.
        module: import name, for messages.
        complete: whether `entries` has all its entries; False if it failed before the end.
    """

    name: str
    origin: str
    reason: str = ""
    entries: tuple[tuple[str, Entry], ...] = ()
    module: str = ""
    complete: bool = True


def one_line(error: BaseException) -> str:
    """Return an error of a plugin in one line; our own errors are shown without their class."""
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
