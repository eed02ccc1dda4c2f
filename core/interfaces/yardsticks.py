"""What the numbers of a run can be judged by; tasks return what they know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reference:
    """A value to compare a metric with.

    Attributes:
        metric: the metric's name.
        value: its value.
        what: what reaches it, to follow "the value of", such as "LeNet-5 (LeCun et al. 1998)".
    """

    metric: str
    value: float
    what: str


@dataclass(frozen=True)
class Threshold:
    """A threshold in use beside the best one of a curve.

    Attributes:
        key: the configuration key that sets it.
        metric: what the curve shows, in words.
        used, best: the two thresholds.
        at_used, at_best: the value of the metric at each.
    """

    key: str
    metric: str
    used: float
    best: float
    at_used: float
    at_best: float


@dataclass(frozen=True)
class Yardsticks:
    """What a task knows about its numbers beyond their values.

    Attributes:
        chance: the value of a method that looks at no input.
        published: values known for the same data.
        classes: for each class (right, all) of its true samples.
        mistakes: (wrong, all, separation) of the samples: how many are wrong, of how many, and the
            probability that a right one has the higher confidence than a wrong one (the area under
            the ROC curve; 0.5 if confidence says nothing).
        threshold: the threshold in use.
    """

    chance: Reference | None = None
    published: Sequence[Reference] = ()
    classes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    mistakes: tuple[int, int, float] | None = None
    threshold: Threshold | None = None
