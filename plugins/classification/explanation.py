"""Where the score of a class comes from: the sum that the last linear layer makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.plugins.classification.task import likeliest

UNITS = 5  # named for and against
_SHADES = " .:-=+*#%@"  # from nothing to most


class ExplainOptions(Options):
    """Which class is explained."""

    label: str = Field("", description="name of a class; left out, the likeliest one")


@dataclass(frozen=True)
class Term:
    """One number that the last layer adds up.

    Attributes:
        unit: which number of those it reads, from 0.
        value: the number.
        weight: what it is multiplied with.
    """

    unit: int
    value: float
    weight: float

    @property
    def share(self) -> float:
        """What it adds to the logit."""
        return self.value * self.weight


@dataclass(frozen=True)
class Explanation:
    """Why a class has the probability that it has.

    Attributes:
        file: the picture.
        classes: probability of the likeliest classes.
        label: the class that is explained.
        probability: its probability.
        logit: its logit: `bias` and the sum of all terms.
        bias: of the class.
        units: how many numbers the last layer reads.
        raising, lowering: the terms that add and take most.
        looked_at: (h, w) in 0..1: where the evidence lies; empty where it cannot be told.
        layer: whose map that is.
    """

    file: str
    classes: dict[str, float]
    label: str
    probability: float
    logit: float
    bias: float
    units: int
    raising: tuple[Term, ...]
    lowering: tuple[Term, ...]
    looked_at: tuple[tuple[float, ...], ...] = ()
    layer: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return everything as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            self.file,
            "  says        " + ", ".join(f"{n} {share:.4g}" for n, share in self.classes.items()),
            (
                f"  {self.label}: probability {self.probability:.4g}, logit {self.logit:.4f} = "
                f"bias {self.bias:.4f} + {self.units} numbers of the last layer times their weights"
            ),
            *_terms("raised by", self.raising),
            *_terms("lowered by", self.lowering),
        ]
        if self.looked_at:
            lines.append(f"  looked at   Grad-CAM of {self.layer}, from nothing to most: {_SHADES}")
            lines += ["              " + "".join(map(_shade, row)) for row in self.looked_at]
        return "\n".join(lines)


def _terms(title: str, terms: Sequence[Term]) -> list[str]:
    return [
        f"  {title if i == 0 else '':<11} {t.share:+.4f} = {t.value:.4f} x {t.weight:.4f}  "
        f"unit {t.unit}"
        for i, t in enumerate(terms)
    ]


def _shade(value: float) -> str:
    return 2 * _SHADES[min(int(value * len(_SHADES)), len(_SHADES) - 1)]  # cells are tall


def explain_sum(
    file: str,
    classes: Sequence[str],
    label: str,
    features: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    attention: tuple[str, np.ndarray] | None = None,
) -> Explanation:
    """Explain the logit of a class.

    Args:
        file: the picture.
        classes: names by label.
        label: the class; the likeliest if empty.
        features: (D,) what the last linear layer read.
        weight, bias: (K, D) and (K,) of that layer.
        attention: name of a layer, and (h, w) in 0..1 where it looked.

    Raises:
        UsageError: there is no such class.
    """
    if label and label not in classes:
        raise UsageError(f"label: expected one of {', '.join(classes)}, got {label!r}")
    logits = weight.astype(np.float64) @ features.astype(np.float64) + bias
    powers = np.exp(logits - logits.max())
    shares = powers / powers.sum()
    chosen = list(classes).index(label) if label else int(shares.argmax())
    added = weight[chosen] * features
    order = np.argsort(added, kind="stable")

    def terms(units: np.ndarray) -> tuple[Term, ...]:
        return tuple(Term(int(u), float(features[u]), float(weight[chosen, u])) for u in units)

    layer, places = attention or ("", np.empty((0, 0)))
    return Explanation(
        file=file,
        classes=likeliest(shares, classes),
        label=classes[chosen],
        probability=float(shares[chosen]),
        logit=float(logits[chosen]),
        bias=float(bias[chosen]),
        units=len(features),
        raising=terms(order[::-1][: min(UNITS, int((added > 0).sum()))]),
        lowering=terms(order[: min(UNITS, int((added < 0).sum()))]),
        looked_at=tuple(tuple(map(float, row)) for row in places),
        layer=layer,
    )
