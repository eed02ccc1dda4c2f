"""Conditions such as `dice>0.9` or `loss=focal`, and the order of a list."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks.errors import UsageError, did_you_mean
from nntasks.run_list.listed_run import FACTS, ListedRun

_CONDITION = re.compile(r"\s*([\w.-]+)\s*(<=|>=|!=|=|<|>)\s*([^<>=!\s].*?|)\s*")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = {True: ("yes", "true"), False: ("no", "false"), None: ("none",)}


@dataclass(frozen=True)
class Condition:
    """A comparison of one value of a run.

    Attributes:
        key: a fact, a metric or a key of the configuration.
        sign: one of =, !=, <, <=, > and >=.
        value: what to compare with, as text.
    """

    key: str
    sign: str
    value: str

    @classmethod
    def of(cls, text: str) -> Condition:
        """Read a condition.

        Raises:
            UsageError: it is none.
        """
        found = _CONDITION.fullmatch(text)
        if not found:
            raise UsageError(
                "--where: expected KEY=VALUE, or one of !=, <, <=, > and >=, such as dice>0.9; "
                f"got {text!r}"
            )
        return cls(*found.groups())

    def holds(self, run: ListedRun) -> bool:
        """Return whether it holds; never for a run that lacks the key."""
        if not run.has(self.key):
            return False
        own = run.value(self.key)
        if self.sign == "=":
            return self._equals(own)
        if self.sign == "!=":
            return not self._equals(own)
        number, given = _number(own), _number(self.value)
        if number is not None and given is not None:
            return _COMPARE[self.sign](number, given)
        return isinstance(own, str) and _COMPARE[self.sign](own, self.value)

    def _equals(self, own: Any) -> bool:
        if isinstance(own, (list, tuple)):
            return self.value in (",".join(map(str, own)), *map(str, own))
        if own is None or isinstance(own, bool):
            return self.value.lower() in _WORDS[own]
        number, given = _number(own), _number(self.value)
        if number is not None and given is not None:
            return number == given
        return str(own) == self.value


def select(runs: Sequence[ListedRun], conditions: Iterable[str]) -> list[ListedRun]:
    """Return the runs for which all conditions hold.

    Raises:
        UsageError: a text is no condition, no run has its key, or it orders numbers by a text.
    """
    texts = list(conditions)
    read = [Condition.of(text) for text in texts]
    require_known(runs, "--where", [condition.key for condition in read])
    for condition, text in zip(read, texts, strict=True):
        _require_number(runs, condition, text)
    return [run for run in runs if all(condition.holds(run) for condition in read)]


def _require_number(runs: Sequence[ListedRun], condition: Condition, text: str) -> None:
    """Refuse `dice>abc`: a number is neither above nor below a text."""
    if condition.sign not in _COMPARE or _number(condition.value) is not None:
        return
    for run in runs:
        own = run.value(condition.key)
        if not isinstance(own, str) and _number(own) is not None:
            raise UsageError(
                f"--where: {condition.key} is a number; expected a number after "
                f"{condition.sign}, got {text!r}"
            )


def ordered(runs: Sequence[ListedRun], key: str, *, reverse: bool = False) -> list[ListedRun]:
    """Return the runs by a value: the largest number first, text from A to Z; unknown ones last.

    Raises:
        UsageError: no run has the key.
    """
    require_known(runs, "--sort", [key])
    numbers: list[tuple[float, ListedRun]] = []
    texts: list[tuple[str, ListedRun]] = []
    rest = []
    for run in runs:
        value = run.value(key)
        number = _number(value)
        if number is not None:
            numbers.append((number, run))
        elif isinstance(value, str):
            texts.append((value, run))
        else:
            rest.append(run)
    numbers.sort(key=lambda pair: pair[0], reverse=not reverse)
    texts.sort(key=lambda pair: pair[0], reverse=reverse)
    return [*(run for _, run in numbers), *(run for _, run in texts), *rest]


def require_known(runs: Sequence[ListedRun], option: str, keys: Iterable[str]) -> None:
    """Raise UsageError if no run has one of the keys; names the nearest ones."""
    for key in keys:
        if not runs or any(run.has(key) for run in runs):
            continue
        known = known_keys(runs)
        hint = did_you_mean(key, known) or f" Metrics and keys are, among others: {_some(known)}."
        raise UsageError(f"{option}: no run has {key!r}.{hint}")


def known_keys(runs: Iterable[ListedRun]) -> list[str]:
    """Return every fact, metric and key that one of the runs has."""
    found = dict.fromkeys(("tag", *FACTS))
    for run in runs:
        found.update(dict.fromkeys((*run.metrics, *run.config)))
    return list(found)


def _some(known: Sequence[str]) -> str:
    others = [key for key in known if key not in ("tag", *FACTS)]
    return ", ".join(others[:8]) or ", ".join(known)


def _number(value: Any) -> float | None:
    """Return a finite number, also from text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
