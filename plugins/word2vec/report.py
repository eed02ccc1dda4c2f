"""The report of word2vec: analogies, planted relations, neighbours and a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nntasks.interfaces import Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.embeddings.metric import QuestionMetric, share_covered, share_right
from nntasks.plugins.embeddings.question_items import metric_of
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.data import planted
from nntasks.plugins.word2vec.model import Word2VecModel

LEAST_PLANTED = 0.95  # expected accuracy on the planted analogies
SHOWN, NEIGHBOURS = 12, 6  # words in the table, and neighbours of each
ON_THE_MAP = 60  # words on the map if no relations are known


def tables(outcome: Outcome) -> Iterator[Table]:
    """Yield the tables."""
    metric = metric_of(outcome)
    if metric is not None and metric.sections:
        yield _sections(metric, outcome.values)
    assert isinstance(outcome.model, Word2VecModel)
    if len(outcome.model.vectors):
        yield _neighbours(outcome.model.vectors)


def _sections(metric: QuestionMetric, values: Mapping[str, float]) -> Table:
    rows = [
        (
            section,
            len(found := metric.answers("analogy", [section])),
            share_covered(found),
            share_right(found),
        )
        for section in metric.sections
    ]
    columns = ("section", "questions", "covered", "right")
    return Table("analogies", "Analogies by section", columns, rows, _verdict(metric, values))


def _verdict(metric: QuestionMetric, values: Mapping[str, float]) -> str:
    """Return a note on whether the planted relations were found."""
    if tuple(metric.sections) != tuple(planted.RELATIONS):
        return "Accuracy among the questions whose four words are in the searched vocabulary."
    share = values["analogies"]
    found = "found" if share >= LEAST_PLANTED else "NOT found"
    return (
        f"The planted relations were {found}: {share:.1%} of the analogies are correct, "
        f"{LEAST_PLANTED:.0%} are expected."
    )


def _neighbours(vectors: KeyedVectors) -> Table:
    """Return the nearest neighbours of words spread over the more frequent half."""
    places = np.unique(np.linspace(0, len(vectors) // 2, SHOWN + 1).astype(int)[1:])
    rows = []
    for place in places:
        word = vectors.words[place]
        near = vectors.most_similar(word, topn=NEIGHBOURS)
        rows.append((word, ", ".join(f"{other} {cosine:.2f}" for other, cosine in near)))
    return Table("neighbours", "Nearest neighbours", ("word", "nearest, with cosines"), rows)


def figures(outcome: Outcome) -> Iterator[Figure]:
    """Yield the figures."""
    metric, model = metric_of(outcome), outcome.model
    assert isinstance(model, Word2VecModel)
    vectors = model.vectors
    if metric is not None and metric.sections:
        yield Figure(
            "analogies",
            "Analogies by section",
            "Accuracy among the questions whose words are in the vocabulary.",
            lambda: draw_sections(metric),
        )
    if len(vectors) > 2:
        groups = groups_of(vectors, metric)
        yield Figure(
            "map",
            "A map of words",
            "The first two principal components of these word vectors (PCA). Lines join "
            "the two words of a pair; the lines of a learned relation are parallel.",
            lambda: draw_map(vectors, groups),
        )


def draw_sections(metric: QuestionMetric) -> Any:
    """Draw the accuracy of every section."""
    from nntasks.report import style

    shares = [share_right(metric.answers("analogy", [section])) for section in metric.sections]
    figure = style.new_figure(6.0, 0.28 * len(shares) + 0.9)
    axes = figure.subplots()
    places = range(len(shares))
    axes.barh(places, np.nan_to_num(shares), color=style.BLUE)
    axes.set_yticks(places, [style.plain(section) for section in metric.sections])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("accuracy")
    for place, share in zip(places, shares, strict=True):
        text = "none covered" if np.isnan(share) else f"{share:.0%}"
        inside = share > 0.9
        axes.text(
            share - 0.01 if inside else np.nan_to_num(share) + 0.01,
            place,
            text,
            va="center",
            ha="right" if inside else "left",
            fontsize=8,
            color="white" if inside else style.INK,
        )
    return figure


def groups_of(
    vectors: KeyedVectors, metric: QuestionMetric | None
) -> dict[str, list[tuple[str, ...]]]:
    """Return word pairs with vectors by relation; without relations, frequent words."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    if metric is not None and tuple(metric.sections) == tuple(planted.RELATIONS):
        for section, text in planted.RELATIONS.items():
            pairs = [tuple(pair.split()) for pair in text.split(",")]
            groups[section] = [pair for pair in pairs if all(word in vectors for word in pair)]
    shown = {section: pairs for section, pairs in groups.items() if pairs}
    first = len(vectors) // 200  # skips function words such as the, of, and
    frequent = vectors.words[first : first + ON_THE_MAP]
    return shown or {"frequent words": [(word,) for word in frequent]}


def draw_map(vectors: KeyedVectors, groups: Mapping[str, list[tuple[str, ...]]]) -> Any:
    """Draw words by their first two principal components, one panel per group."""
    from nntasks.report import style

    columns = min(3, len(groups))
    rows = -(-len(groups) // columns)
    alone = len(groups) == 1
    figure = style.new_figure(9.0 if alone else 4.0 * columns, 6.0 if alone else 3.4 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels:
        axes.axis("off")
    for axes, (name, tuples) in zip(panels, groups.items(), strict=False):
        words = [word for words in tuples for word in words]
        x, y = _principal(np.stack([vectors.unit[vectors.index(word)] for word in words])).T
        axes.set_title(style.plain(name), fontsize=9)
        axes.plot(x, y, ".", color=style.BLUE, markersize=4)
        at = 0
        for group in tuples:
            end = at + len(group)
            axes.plot(x[at:end], y[at:end], color=style.SKY, linewidth=0.8, zorder=0)
            at = end
        for word, left, top in zip(words, x, y, strict=True):
            axes.annotate(
                style.plain(word),
                (left, top),
                (2, 2),
                textcoords="offset points",
                fontsize=7,
                color=style.INK,
            )
    return figure


def _principal(rows: np.ndarray) -> np.ndarray:
    """Return the first two principal components (N, 2) of (N, D); the signs are fixed."""
    centred = rows - rows.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    found = left[:, :2] * sizes[:2]
    if found.shape[1] < 2:
        found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(2)])
    return found * np.where(signs == 0, 1, signs)
