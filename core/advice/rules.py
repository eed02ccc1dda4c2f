"""The rules for "what next". Each returns advice or, where it is not sure, None.

The thresholds are ours; docs/verdict.md gives them in words.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from nntasks.advice.evidence import Evidence
from nntasks.statistics.proportions import wilson

FEWEST_VALIDATIONS = 4  # before that a curve has no shape
_ROSE = 1.15  # last validation loss over the lowest: overfitting
_FELL = 0.9  # training loss since the lowest validation loss: it goes on falling
_STILL_FALLS = 0.95  # validation loss over the last quarter of the validations
_STILL_RISES = 0.02  # the metric over the last quarter, where there is no validation loss
_SATURATED = 0.98  # a share as high as this leaves nothing to gain from more epochs
_NOT_LEARNED = 0.95  # last training loss over the first
_SHAKY = 0.25  # scatter of the training loss, as a share of its median
_GAIN = 0.02  # of a metric by another threshold
_RARE = 0.5  # share of a class over that of an equal split
_FEWEST_MISTAKES, _UNSURE = 30, 0.6  # mistakes, and separation by confidence
_LARGEST_NAMED = 3  # classes


@dataclass(frozen=True)
class Advice:
    """What a rule found.

    Attributes:
        rule: its name, as in docs/verdict.md.
        finding: one or two sentences.
        key, value: the configuration key to change.
        verb: `run` trains again; `evaluate` evaluates the same weights again.
    """

    rule: str
    finding: str
    key: str = ""
    value: str = ""
    verb: str = "run"


def learning_rate_too_high(run: Evidence) -> Advice | None:
    """The training loss does not fall, and jumps or exceeds its start."""
    rows = [loss for _, loss in run.training_rows]
    if len(rows) < 8 or not run.keys.get("lr"):
        return None
    first, last = statistics.fmean(rows[:2]), rows[-len(rows) // 3 :]
    level = statistics.median(last)
    if first <= 0 or level < _NOT_LEARNED * first:
        return None
    scatter = statistics.pstdev(last) / level if level > 0 else 0.0
    if max(rows) < 1.5 * first and scatter < _SHAKY:
        return None  # it may as well be too low
    lower = float(f"{float(run.keys['lr']) / 10:.2g}")
    return Advice(
        "learning rate too high",
        f"The training loss did not fall ({first:.3g} at the start, {level:.3g} in the last third) "
        f"and is unstable. The learning rate of {run.keys['lr']:g} is too high.",
        "lr",
        f"{lower:g}",
    )


def overfitting(run: Evidence) -> Advice | None:
    """The validation loss rose clearly after its lowest value while the training loss fell."""
    points, training = run.validation, dict(run.training)
    if len(points) < FEWEST_VALIDATIONS or not training or run.value >= _SATURATED:
        return None
    place = min(range(len(points)), key=lambda i: points[i][1])
    best_epoch, lowest = points[place]
    after = [loss for _, loss in points[place + 1 :]]
    if len(after) < 2 or lowest <= 0 or min(after[-2:]) < _ROSE * lowest:
        return None
    before, last = training.get(best_epoch), list(training.values())[-1]
    if before is None or last > _FELL * before:
        return None
    return Advice(
        "overfitting",
        f"Overfitting: the validation loss was lowest at epoch {best_epoch:g} ({lowest:.3g}) and "
        f"rose to {after[-1]:.3g}, while the training loss fell from {before:.3g} to {last:.3g}. "
        "Train for fewer epochs, or regularise (weight_decay, dropout, augmentation).",
        "epochs",
        f"{max(round(best_epoch), 1)}",
    )


def more_epochs(run: Evidence) -> Advice | None:
    """The validation still improved in its last quarter, and the metric is not saturated."""
    epochs = run.keys.get("epochs")
    if not epochs or run.value >= _SATURATED:
        return None
    losses, values = run.validation, run.validated_metric
    if len(losses) >= FEWEST_VALIDATIONS:
        quarter = max(len(losses) // 4, 1)
        earlier, last = losses[-1 - quarter][1], losses[-1][1]
        improved = last == min(loss for _, loss in losses) and last < _STILL_FALLS * earlier
        what = f"The validation loss was still falling (from {earlier:.3g} to {last:.3g}"
    elif len(values) >= FEWEST_VALIDATIONS:
        quarter = max(len(values) // 4, 1)
        earlier, last = values[-1 - quarter][1], values[-1][1]
        improved = last == max(value for _, value in values) and last > earlier + _STILL_RISES
        what = f"The validation {run.metric} was still rising (from {earlier:.3g} to {last:.3g}"
    else:
        return None
    if not improved:
        return None
    return Advice(
        "more epochs",
        f"{what} in the last quarter). Train longer.",
        "epochs",
        f"{2 * int(epochs)}",
    )


def threshold(run: Evidence) -> Advice | None:
    """Another threshold is clearly better on the curve."""
    found = run.yardsticks.threshold
    if found is None or not found.at_best >= found.at_used + _GAIN:
        return None
    return Advice(
        "threshold",
        f"With {found.key}={found.best:g} the {found.metric} is {found.at_best:.3f}. With the "
        f"{found.used:g} of this run it is {found.at_used:.3f}. The better value was found on the "
        "test data, so choose the final one on validation data.",
        found.key,
        f"{found.best:g}",
        "evaluate",
    )


def rare_class(run: Evidence) -> Advice | None:
    """Classes with few samples are recognised clearly worse than the rest."""
    classes = {name: pair for name, pair in run.yardsticks.classes.items() if pair[1]}
    total = sum(count for _, count in classes.values())
    rare = []
    for name, (right, count) in classes.items():
        if count >= _RARE * total / len(classes):
            continue
        others = sum(r for r, _ in classes.values()) - right
        if wilson(right, count).high < wilson(others, total - count).low:
            rare.append((right / count, name, right, count))
    if not rare:
        return None
    listed = "; ".join(
        f"{name}: {right} of {count}" for _, name, right, count in sorted(rare)[:_LARGEST_NAMED]
    )
    more = f" and {len(rare) - _LARGEST_NAMED} more" if len(rare) > _LARGEST_NAMED else ""
    return Advice(
        "rare class",
        f"The model recognises rare classes worse than the others ({listed}{more}). Add samples of "
        "these classes. The accuracy hides such classes; a mean over classes shows them.",
    )


def wrong_labels(run: Evidence) -> Advice | None:
    """Mistakes are as confident as right answers, though the model has learned."""
    found, chance = run.yardsticks.mistakes, run.yardsticks.chance
    if found is None or chance is None or run.ends is None:
        return None
    # A network that has learned too little, or by heart, is sure of the wrong things, too.
    if len(run.validation) < FEWEST_VALIDATIONS or overfitting(run) or more_epochs(run):
        return None
    wrong, total, separation = found
    if wrong < _FEWEST_MISTAKES or separation > _UNSURE or run.ends[0] < 2 * chance.value:
        return None
    return Advice(
        "wrong labels",
        f"The model is nearly as confident in its {wrong} mistakes as in its {total - wrong} "
        "correct answers, so some labels may be wrong. Check the first rows of items.csv: they are "
        "the samples whose labels surprised the model most.",
    )


RULES: tuple[Callable[[Evidence], Advice | None], ...] = (
    learning_rate_too_high,
    overfitting,
    more_epochs,
    threshold,
    rare_class,
    wrong_labels,
)
