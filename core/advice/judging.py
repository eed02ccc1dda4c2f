"""The verdict on a run: two short paragraphs, from rules alone."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from typing import Any

from nntasks.advice.evidence import Evidence
from nntasks.advice.rules import RULES, Advice, learning_rate_too_high
from nntasks.interfaces.yardsticks import Reference


def verdict(run: Evidence, command: str, folder: str) -> dict[str, Any]:
    """Return `good`, sentences, and `next`, findings with the command to type.

    Both are empty where no rule is sure.

    Args:
        run: the evidence.
        command: the command line of the run.
        folder: the run's folder, for `nntasks evaluate`.
    """
    found = [advice for rule in RULES if (advice := rule(run)) is not None]
    if any(advice.rule == "learning rate too high" for advice in found):
        found = [advice for advice in (learning_rate_too_high(run),) if advice is not None]
    return {
        "good": is_it_good(run),
        "next": [
            {
                "rule": advice.rule,
                "finding": advice.finding,
                "command": _typed(advice, command, folder),
            }
            for advice in found
        ],
    }


def is_it_good(run: Evidence) -> list[str]:
    """Compare the first headline metric with chance and with published values, if known."""
    if math.isnan(run.value):
        return []
    sentences = []
    chance = run.yardsticks.chance
    if chance is not None and chance.metric == run.metric:
        sentences.append(_against_chance(run, chance))
    for published in run.yardsticks.published:
        if published.metric == run.metric:
            sentences.append(_against_published(run, published))
    return [sentence for sentence in sentences if sentence]


def _against_chance(run: Evidence, chance: Reference) -> str:
    if run.ends is None:
        return ""
    low, high = run.ends
    known = f"{_measured(run)}. Chance is {chance.value:.3g} ({chance.what})"
    if low > chance.value:
        lost = (1 - run.value) / (1 - chance.value) if chance.value < 1 else 1.0
        how = "far better than" if lost < 0.5 else "better than"
        return f"{known}, so the model is {how} chance."
    if high < chance.value:
        return f"{known}, so the model is worse than chance."
    return f"{known}: {run.samples:,} samples show no difference from chance."


def _against_published(run: Evidence, published: Reference) -> str:
    if run.ends is None:
        return ""
    low, high = run.ends
    if low > published.value:
        how = "is above"
    elif high < published.value:
        how = "is below"
    else:
        how = "does not differ clearly from"
    return f"The {run.metric} {how} the {published.value:.4g} of {published.what}."


def _measured(run: Evidence) -> str:
    assert run.ends is not None
    return (
        f"The {run.metric} is {run.value:.4f} "
        f"(95 % interval: {run.ends[0]:.4f} to {run.ends[1]:.4f})"
    )


def _typed(advice: Advice, command: str, folder: str) -> str:
    """Return the command that follows the advice; empty if no key is to be changed."""
    if not advice.key:
        return ""
    setting = f"{advice.key}={advice.value}"
    if advice.verb == "evaluate":
        return shlex.join(["nntasks", "evaluate", folder, setting])
    words = [word for word in shlex.split(command) if not word.startswith(f"{advice.key}=")]
    return shlex.join([*words, setting])


def lines(found: Mapping[str, Any]) -> list[str]:
    """Return the verdict as lines for the terminal; none where no rule is sure."""
    told = []
    if found.get("good"):
        told.append(f"is it good: {' '.join(found['good'])}")
    for one in found.get("next", ()):
        told.append(f"what next: {one['finding']}")
        if one["command"]:
            told.append(f"  {one['command']}")
    return told
