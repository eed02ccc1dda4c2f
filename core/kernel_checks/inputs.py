"""Typical inputs of the kernels, for comparisons and timings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nntasks import ops

Calls = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class Case:
    """One workload for an op and its peers.

    Attributes:
        op: the function of `nntasks.ops`.
        work: a description of the workload.
        prepare: makes the input and returns a call for "ours" and one for each peer, by name; a
            peer that is not installed has none.
        peers: the names of the peers.
        goals: the smallest wanted ratio of peer time to our time, by peer.
        with_python: whether to time the reference, too.
        compare: takes our result and a peer's; says how they differ, "" for not at all, None for
            what has nothing to compare.
    """

    op: str
    work: str
    prepare: Callable[[], Calls]
    peers: tuple[str, ...] = ()
    goals: Mapping[str, float] = field(default_factory=dict)
    with_python: bool = True
    compare: Callable[[Any, Any], str | None] | None = None

    def calls(self) -> dict[str, Callable[[], Any]]:
        """Return the calls of `prepare`, and "python", which is ours with the reference."""
        calls = dict(self.prepare())
        if self.with_python:
            calls["python"] = by_reference(calls["ours"])
        return calls


def by_reference(call: Callable[[], Any]) -> Callable[[], Any]:
    """Return the call with the Python references active."""

    def called() -> Any:
        with ops.use("python"):
            return call()

    return called


def random_boxes(count: int, seed: int = 0) -> Tensor:
    """Return (count, 4) boxes with sides of 1 to 100 pixels in a 1000 x 1000 picture."""
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(count, 2, generator=generator) * 1000
    sides = 1 + torch.rand(count, 2, generator=generator) * 99
    return torch.cat([corners, corners + sides], dim=1)


def clustered_boxes(count: int, objects: int = 100, seed: int = 0) -> Tensor:
    """Return (count, 4) boxes clustered around `objects` objects, as before NMS."""
    generator = torch.Generator().manual_seed(seed)
    centres = random_boxes(objects, seed)
    which = torch.randint(0, objects, (count,), generator=generator)
    return centres[which] + torch.randn(count, 4, generator=generator) * 3


def random_scores(count: int, seed: int = 1) -> Tensor:
    """Return (count,) scores in 0..1."""
    return torch.rand(count, generator=torch.Generator().manual_seed(seed))


def random_groups(count: int, groups: int, seed: int = 2) -> Tensor:
    """Return (count,) int64 groups from 0 to groups - 1."""
    return torch.randint(0, groups, (count,), generator=torch.Generator().manual_seed(seed))


def word_weights(count: int) -> Tensor:
    """Return (count,) weights like those of words: Zipf frequencies to the power of 3/4."""
    return torch.arange(1, count + 1).double() ** -0.75


def word_parts(words: int) -> tuple[Tensor, Tensor]:
    """Return the parts of words, as `ops.skipgram` takes them: its own row and the next one's."""
    own = torch.arange(words, dtype=torch.int32)
    rows = torch.stack([own, own.roll(-1)], dim=1).reshape(-1)
    return torch.arange(0, 2 * words + 1, 2), rows


def matching(groups: int, seed: int = 3) -> tuple[Tensor, ...]:
    """Return arguments of `match_greedily`: four rows, two truths and eight candidates a group."""
    generator = torch.Generator().manual_seed(seed)
    rows = 4 * groups
    truths = torch.arange(groups).repeat_interleave(8) * 2 + torch.tensor([0, 1] * 4 * groups)
    ious = (0.4 + 0.6 * torch.rand(rows, 2, generator=generator).double()).sort(dim=1).values
    areas = torch.rand(2 * groups, 4, generator=generator) < 0.3
    return (
        torch.arange(rows + 1) * 2,
        truths,
        ious.flatten(),
        torch.arange(groups).repeat_interleave(4),
        torch.zeros(2 * groups, dtype=torch.bool),
        areas,
        torch.linspace(0.5, 0.95, 10).double(),
    )


def detections(images: int, seed: int = 4) -> dict[str, Any]:
    """Return arguments of `match_detections`: twenty detections and four objects an image."""
    generator = torch.Generator().manual_seed(seed)
    truths, found = 4 * images, 20 * images
    corner = torch.rand(truths, 2, generator=generator).double() * 500
    box = torch.cat([corner, 8 + torch.rand(truths, 2, generator=generator).double() * 150], dim=1)
    image, label = torch.arange(truths) // 4, torch.randint(0, 3, (truths,), generator=generator)
    crowd = torch.rand(truths, generator=generator) < 0.1
    near = torch.arange(found) // 5
    noise = torch.randn(found, 4, generator=generator).double() * 0.1
    score = (torch.rand(found, generator=generator).double() * 50).round() / 50
    around = box[near] + noise * box[near, 2:].repeat(1, 2)
    return {
        "detections": (image[near], label[near], score, around),
        "truths": (image, label, box, crowd, box[:, 2] * box[:, 3] * 0.7),
        "thresholds": torch.linspace(0.5, 0.95, 10).double(),
        "area_ranges": torch.tensor([[0.0, 1e10], [0.0, 32.0**2], [32.0**2, 96.0**2]]).double(),
        "max_detections": 4,
    }


def raw_detections(images: int, seed: int = 4) -> tuple[Any, ...]:
    """Return the same as the arguments of the raw op, one by one."""
    found, true, *rest = detections(images, seed).values()
    return (*found, *true, *rest)


def match_tables(images: int) -> tuple[Tensor, ...]:
    """Return arguments of `rank_hits`, from the matches of `detections`."""
    given = detections(images)
    matches = ops.match_detections(**given)
    counts = torch.bincount(given["detections"][1][matches.detection], minlength=3)
    starts = torch.cat([torch.zeros(1, dtype=torch.int64), counts.cumsum(0)])
    return starts, matches.row, matches.matched, matches.ignored, matches.outside


def rankings(images: int) -> tuple[Tensor, ...]:
    """Return arguments of `precision_at_recalls`, from the ranks of `match_tables`."""
    hits = ops.rank_hits(*match_tables(images))
    truths = hits.bounds.diff() + 2
    return hits.places, hits.bounds, truths, torch.linspace(0, 1, 101).double()


def weighting(weightings: int, seed: int = 4) -> tuple[ops.Rankings, Tensor, Tensor, Tensor]:
    """Return arguments of `weighted_ap`: 40 images with 400 detections of two classes."""
    generator = torch.Generator().manual_seed(seed)
    images, count, areas, thresholds = 40, 400, 2, 3
    image = torch.randint(0, images, (count,), generator=generator)
    copy = torch.randint(0, 3, (count,), generator=generator)
    outside = torch.rand(count, areas, generator=generator) < 0.3
    rows = (torch.rand(count, generator=generator) < 0.6).nonzero()[:, 0]
    right = torch.rand(areas, thresholds, len(rows), generator=generator) < 0.5
    ignored = torch.rand(right.shape, generator=generator) < 0.1
    rankings = ops.Rankings(
        torch.tensor([0, count // 3, count]), image, copy, outside, rows, right, ignored
    )
    weights = torch.randint(0, 4, (weightings, images), generator=generator).to(torch.uint8)
    truths = 3 * torch.randint(0, count, (areas, 2, weightings), generator=generator)
    return rankings, truths, weights, torch.from_numpy(np.linspace(0, 1, 101))
