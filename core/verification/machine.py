"""The environment of a run against that of this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

# What may change the last bits of a number, with the words for the verdict, strongest first.
_REASONS = {
    "capability": "on another processor",
    "cuda": "on another device",
    "cpu": "on another processor",
    "kernels": "with other kernels",
    "settings": "with other settings",
    "packages": "with other software",
    "python": "with other software",
    "threads": "with another number of threads",
    "processes": "with another number of processes",
    "nntasks": "with another version of nntasks",
    "git": "with other code",
}
_NAMES = {"AVX512": "AVX-512", "DEFAULT": "no AVX"}  # names of torch


@dataclass(frozen=True)
class Change:
    """One difference between two environments.

    Attributes:
        what: its key, such as `packages.torch`.
        then: its value when the run started; None if it was not there.
        now: its value in this process.
    """

    what: str
    then: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.what}: {_named(self.now)} for {_named(self.then)}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Return what differs, in the order of `_REASONS`; plugins and paths are left out.

    A value that an earlier version did not store is not compared.
    """
    before, after = dict(_flat(then)), dict(_flat(now))
    found = [
        Change(name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name) and _is_known(name, then, before)
    ]
    order = list(_REASONS)
    return sorted(found, key=lambda change: order.index(_kind(change.what)))


def reason(found: Sequence[Change]) -> str:
    """Return why numbers may differ: `on another processor: AVX2 for AVX-512`; empty if none."""
    if not found:
        return ""
    first = found[0]
    name = first.what.partition(".")[2] if first.what.startswith(("packages", "settings")) else ""
    words = f"{name} {_named(first.now)} for {_named(first.then)}".strip()
    return f"{_REASONS[_kind(first.what)]}: {words}"


def _flat(environment: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    devices = environment.get("devices") or {}
    for name in ("capability", "cuda", "cpu", "threads"):
        if name in devices:
            yield name, devices[name]
    for name in ("kernels", "python", "nntasks", "git", "processes"):
        if name in environment:
            yield name, environment[name]
    for group in ("settings", "packages"):
        for name, value in (environment.get(group) or {}).items():
            yield f"{group}.{name}", value


def _is_known(name: str, then: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    group = name.partition(".")[0]
    return name in before or (group != name and group in then)


def _kind(what: str) -> str:
    return what.partition(".")[0]


def _named(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return _NAMES.get(str(value), str(value)) if value is not None else "none"
