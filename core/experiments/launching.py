"""`launcher=NAME` and `launcher.KEY=VALUE` of `ablate` and `tune`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nntasks.config import Options, build, parse_overrides
from nntasks.interfaces.launcher import Launcher
from nntasks.registry import discover
from nntasks.registry.plugin import one_line

KEY = "launcher"
DEFAULT = "local"


@dataclass(frozen=True)
class Choice:
    """Where runs are executed.

    Attributes:
        name: of the launcher.
        options: its keys, as text.
        jobs: runs at a time; None leaves it to the launcher.
    """

    name: str = DEFAULT
    options: Mapping[str, str] = field(default_factory=dict)
    jobs: int | None = None

    def checked(self) -> tuple[type[Launcher], Options]:
        """Return the class of the launcher and its options.

        Raises:
            UsageError: no such launcher, or no such key or value.
            MissingError: it needs a package that is not installed.
            PluginError: it breaks the contract.
        """
        registry = discover()
        found = registry.resolve("launchers", self.name)
        if not (isinstance(found, type) and issubclass(found, Launcher)):
            raise registry.blame("launchers", self.name, "is not a subclass of nntasks.Launcher")
        return found, build(found.Config, self.options, prefix=f"{KEY}.")

    def made(self, folder: Path) -> Launcher:
        """Return the launcher, for the ablation or search in `folder`, which exists.

        Raises:
            UsageError, MissingError, PluginError: as `checked`; or it cannot work here.
        """
        kind, options = self.checked()
        try:
            return kind(options, folder=folder.absolute(), jobs=self.jobs)
        except TypeError as error:
            problem = f"cannot be made: {one_line(error)}"
            raise discover().blame("launchers", self.name, problem) from error


def split(words: Iterable[str], jobs: int | None = None) -> tuple[Choice, list[str]]:
    """Take `launcher=NAME` and `launcher.KEY=VALUE` out of the words of a command.

    Returns:
        the choice, and the other words.
    """
    given_words = list(words)
    others = [word for word in given_words if not _is_ours(word)]
    given = parse_overrides(filter(_is_ours, given_words))
    name = given.pop(KEY, DEFAULT)
    options = {key.partition(".")[2]: value for key, value in given.items()}
    return Choice(name, options, jobs), others


def split_keys(keys: Mapping[str, Any], jobs: int | None = None) -> tuple[Choice, dict[str, Any]]:
    """Do what `split` does with keys and values of Python, `launcher_options` among them."""
    options = {key: str(value) for key, value in keys.get(f"{KEY}_options", {}).items()}
    others = {key: value for key, value in keys.items() if key not in (KEY, f"{KEY}_options")}
    return Choice(str(keys.get(KEY, DEFAULT)), options, jobs), others


def _is_ours(word: str) -> bool:
    key = word.partition("=")[0].strip()
    return key == KEY or key.startswith(f"{KEY}.")
