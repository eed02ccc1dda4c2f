"""Explain the logit of a class by the terms that the last linear layer sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.plugins.classification.task import likeliest

UNITS = 5  # terms listed for and against
_SHADES = " .:-=+*#%@"  # from none to most evidence


class ExplainOptions(Options):
    """Options of `explain`."""

    label: str = Field("", description="class to explain; the most probable one by default")


@dataclass(frozen=True)
class Term:
    """One term of the sum in the last layer.

    Attributes:
        unit: index of the input, from 0.
        value: the input.
        weight: the weight of the input.
    """

    unit: int
    value: float
    weight: float

    @property
    def share(self) -> float:
        """The contribution to the logit: value times weight."""
        return self.value * self.weight


@dataclass(frozen=True)
class Explanation:
    """The explanation of the probability of a class.

    Attributes:
        file: the picture.
        classes: probabilities of the most probable classes.
        label: the class that is explained.
        probability: its probability.
        logit: its logit, the sum of `bias` and all terms.
        bias: of the class.
        units: number of inputs of the last layer.
        raising, lowering: the largest positive and negative terms.
        looked_at: (h, w) evidence in 0..1; empty if there is none.
        layer: the layer that `looked_at` comes from.
        no_map: why there is none, for a network that should have one.
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
    no_map: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return all fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            self.file,
            "  predicts    " + ", ".join(f"{n} {share:.4g}" for n, share in self.classes.items()),
            (
                f"  {self.label}: probability {self.probability:.4g}, logit {self.logit:.4f} = "
                f"bias {self.bias:.4f} + {self.units} inputs of the last layer times their weights"
            ),
            *_terms("raised by", self.raising),
            *_terms("lowered by", self.lowering),
        ]
        if self.looked_at:
            lines.append(f"  evidence    Grad-CAM of {self.layer}, from none to most: {_SHADES}")
            lines += ["              " + "".join(map(_shade, row)) for row in self.looked_at]
        elif self.no_map:
            lines.append(f"  evidence    no map: {self.no_map}")
        return "\n".join(lines)


def _terms(title: str, terms: Sequence[Term]) -> list[str]:
    return [
        f"  {title if i == 0 else '':<11} {t.share:+.4f} = {t.value:.4f} x {t.weight:.4f}  "
        f"unit {t.unit}"
        for i, t in enumerate(terms)
    ]


def _shade(value: float) -> str:
    return (
        2 * _SHADES[min(int(value * len(_SHADES)), len(_SHADES) - 1)]
    )  # characters are taller than wide


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
        label: the class; the most probable if empty.
        features: (D,) inputs of the last linear layer.
        weight, bias: (K, D) and (K,) of that layer.
        attention: name of a layer, and its evidence map (h, w) in 0..1.

    Raises:
        UsageError: the class is unknown.
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
