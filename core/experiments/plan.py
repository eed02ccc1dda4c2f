"""The plan of an ablation: variants of a task's keys, each with every seed."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.config import parse_overrides, read_config_file
from nntasks.errors import UsageError
from nntasks.experiments.key_fields import Fields, alternatives
from nntasks.report.formatting import how_many

MOST_RUNS = 10_000
DEFAULT_SEEDS = 1
AS_GIVEN = "as given"  # the only variant of a plan that varies seeds alone


@dataclass(frozen=True)
class Variant:
    """One setting of the varied keys.

    Attributes:
        name: its label in tables.
        keys: the keys it sets, with values as text.
        baseline: the index of the variant to compare with.
    """

    name: str
    keys: Mapping[str, str]
    baseline: int = 0


@dataclass(frozen=True)
class Plan:
    """Every variant with every seed.

    Attributes:
        task: name of the task.
        fixed: the keys that all variants share.
        variants: the first is the baseline unless a variant names another.
        seeds: the seeds of each variant.
    """

    task: str
    fixed: Mapping[str, str]
    variants: tuple[Variant, ...]
    seeds: tuple[int, ...]

    def keys(self, variant: Variant) -> dict[str, str]:
        """Return all keys of a variant except the seed."""
        return {**self.fixed, **variant.keys}

    @property
    def size(self) -> str:
        """The numbers of variants and seeds, in words."""
        variants, seeds = len(self.variants), len(self.seeds)
        return f"{how_many(variants, 'variant')}, {how_many(seeds, 'seed')}"

    @property
    def id(self) -> str:
        """An identifier of these runs: equal plans have equal identifiers."""
        runs = [self.task, [sorted(self.keys(v).items()) for v in self.variants], self.seeds]
        return hashlib.sha256(json.dumps(runs).encode()).hexdigest()[:8]


def grid(task: str, fields: Fields, words: Iterable[str]) -> Plan:
    """Read `key=a,b,c other=x,y fixed=1 seeds=5`: every combination is a variant.

    Commas separate values, or colons for a key that takes a list or a path (see
    `key_fields.alternatives`). The first value of each key is its baseline. `seeds=5` means seeds 0
    to 4; `seeds=3,7` means seeds 3 and 7. A plan may vary seeds alone.


    Raises:
        UsageError: no key has two values and there is one seed, a value is repeated, or there are
            too many runs.
    """
    given = parse_overrides(words)
    if "seed" in given:
        raise UsageError("an ablation takes seeds=5 or seeds=3,7, not seed=")
    seeds = _seeds(given.pop("seeds", str(DEFAULT_SEEDS)))
    choices = {key: alternatives(fields, key, value) for key, value in given.items()}
    varied = {key: values for key, values in choices.items() if len(values) > 1}
    if not varied and len(seeds) == 1:
        raise UsageError(
            "nothing to compare: give a key several values, such as norm=none,batch "
            "(separated by colons if the key takes a list or a path: hidden_sizes=64:128,64), or "
            "seeds=5"
        )
    fixed = {key: values[0] for key, values in choices.items() if key not in varied}
    variants = tuple(
        Variant(
            " ".join(f"{k}={v}" for k, v in zip(varied, values, strict=True)) or AS_GIVEN,
            dict(zip(varied, values, strict=True)),
        )
        for values in itertools.product(*varied.values())
    )
    return _checked(Plan(task, fixed, variants, seeds))


def ladder(task: str, path: Path, words: Iterable[str]) -> Plan:
    """Read a ladder file: rungs that each change the one before.

    The file is YAML: `common:` has the shared keys, `seeds:` a count or a list, and `rungs:` a list
    of entries with a `name` and the keys to `set`. Each rung is compared with the one before.
    `words` override `common` and `seeds`.

    Raises:
        UsageError: the file is not a ladder, or belongs to another task.
    """
    content = read_config_file(path)
    unknown = sorted(set(content) - {"task", "common", "seeds", "rungs"})
    rungs = content.get("rungs")
    if unknown or not isinstance(rungs, list) or len(rungs) < 2:
        raise UsageError(
            f"{path}: expected `rungs:` with two or more entries, and optionally `common:` and "
            f"`seeds:`, got {', '.join(map(str, unknown or content)) or 'nothing'}"
        )
    if content.get("task", task) != task:
        raise UsageError(f"{path} is a ladder of {content['task']}, not of {task}")
    given = parse_overrides(words)
    seeds = _seeds(given.pop("seeds", _as_word(content.get("seeds", DEFAULT_SEEDS))))
    fixed = {**_words(path, content.get("common") or {}), **given}
    variants: list[Variant] = []
    keys: dict[str, str] = {}
    for number, rung in enumerate(rungs):
        if not isinstance(rung, dict) or set(rung) != {"name", "set"}:
            raise UsageError(f"{path}: rung {number + 1} must have `name` and `set`, got {rung!r}")
        keys = {**keys, **_words(path, rung["set"] or {})}
        variants.append(Variant(str(rung["name"]), keys, max(number - 1, 0)))
    return _checked(Plan(task, fixed, tuple(variants), seeds))


def _checked(plan: Plan) -> Plan:
    names: dict[str, str] = {}
    choices: dict[str, str] = {}
    for variant in plan.variants:
        keys = json.dumps(sorted(plan.keys(variant).items()))
        for what, taken, own in (("name", names, variant.name), ("keys", choices, keys)):
            if own in taken:
                raise UsageError(f"two variants have the same {what}: {taken[own]}, {variant.name}")
            taken[own] = variant.name
    if len(names) * len(plan.seeds) > MOST_RUNS:
        raise UsageError(
            f"{len(names)} variants with {len(plan.seeds)} seeds are more than {MOST_RUNS} runs"
        )
    return plan


def _seeds(value: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in value.split(","))
    except ValueError:
        raise UsageError(
            f"seeds: expected a count, or seeds such as 3,7,11, got {value!r}"
        ) from None
    if len(numbers) == 1 and numbers[0] >= 1:
        return tuple(range(numbers[0]))
    if len(numbers) < 2 or len(set(numbers)) < len(numbers) or min(numbers) < 0:
        raise UsageError(
            f"seeds: expected a count of at least 1, or different seeds such as 3,7,11, got {value}"
        )
    return numbers


def _words(path: Path, keys: Any) -> dict[str, str]:
    if not isinstance(keys, dict):
        raise UsageError(f"{path}: expected `key: value` lines, got {keys!r}")
    return {str(key): _as_word(value) for key, value in keys.items()}


def _as_word(value: Any) -> str:
    """Return a YAML value as it is typed on the command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(_as_word, value))
    return "none" if value is None else str(value)
