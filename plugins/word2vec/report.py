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
from nntasks.report.labels import write_labels
from nntasks.statistics.proportions import wilson

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
            "Accuracy among the questions whose words are in the vocabulary, with 95 % intervals "
            "(Wilson).",
            lambda: draw_sections(metric),
        )
    if len(vectors) > 2:
        groups = groups_of(vectors, metric)
        yield Figure(
            "map",
            "A map of words",
            "The first two principal components of these word vectors (PCA), each with its share "
            "of their variance. Lines join the two words of a pair; the lines of a learned "
            "relation are parallel. Words without enough room have no label.",
            lambda: draw_map(vectors, groups),
        )


def draw_sections(metric: QuestionMetric) -> Any:
    """Draw the accuracy of every section."""
    from nntasks.report import style

    found = [metric.answers("analogy", [section]) for section in metric.sections]
    covered = [round(share_covered(answers) * len(answers)) for answers in found]
    right = [
        wilson(round(share_right(answers) * count) if count else 0, count)
        for answers, count in zip(found, covered, strict=True)
    ]
    figure = style.new_figure(style.WIDEST, 0.28 * len(right) + 1.0)
    axes = figure.subplots()
    style.draw_shares(axes, range(len(right)), right, style.BLUE)
    labels = [
        f"{style.plain(section)} ({count:,} of {len(answers):,})"
        for section, count, answers in zip(metric.sections, covered, found, strict=True)
    ]
    axes.set_yticks(range(len(right)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("accuracy; covered questions in brackets")
    return figure


def groups_of(
    vectors: KeyedVectors, metric: QuestionMetric | None
) -> dict[str, list[tuple[str, ...]]]:
    """Return word pairs with vectors by relation; without relations, frequent words."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    if metric is not None and tuple(metric.sections) == tuple(planted.RELATIONS):
        for section, text in planted.RELATIONS.items():
            pairs = [tuple(pair.split()) for pair in text.split(",")]
            groups[section] = [pair for pair in pairs if all(map(vectors.has_index_for, pair))]
    shown = {section: pairs for section, pairs in groups.items() if pairs}
    first = len(vectors) // 200  # skips function words such as the, of, and
    frequent = vectors.words[first : first + ON_THE_MAP]
    return shown or {"frequent words": [(word,) for word in frequent]}


def draw_map(vectors: KeyedVectors, groups: Mapping[str, list[tuple[str, ...]]]) -> Any:
    """Draw words by their first two principal components, one panel per group."""
    from nntasks.report import style

    columns = min(2, len(groups))
    rows = -(-len(groups) // columns)
    alone = len(groups) == 1
    figure = style.new_figure(style.WIDEST, 4.6 if alone else 2.7 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels[len(groups) :]:
        axes.set_visible(False)
    labels = []
    for axes, (name, tuples) in zip(panels, groups.items(), strict=False):
        words = [word for words in tuples for word in words]
        places, shares = _principal(np.stack([vectors.unit[vectors.index(word)] for word in words]))
        axes.set_title(style.plain(name))
        axes.set_xlabel(f"1st component ({shares[0]:.0%} of the variance)", fontsize=8)
        axes.set_ylabel(f"2nd component ({shares[1]:.0%})", fontsize=8)
        axes.set(xticks=[], yticks=[])
        axes.margins(x=0.05 if alone else 0.3, y=0.06)
        axes.plot(*places.T, ".", color=style.BLUE)
        at = 0
        for group in tuples:
            end = at + len(group)
            axes.plot(*places[at:end].T, color=style.SKY, linewidth=0.8, zorder=0)
            at = end
        labels.append((axes, places, words))
    write_labels(figure, labels)
    return figure


def _principal(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first two principal components (N, 2) of (N, D), and their shares of the variance.

    The signs are fixed.
    """
    centred = rows - rows.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    found = left[:, :2] * sizes[:2]
    shares = sizes[:2] ** 2 / max(float((sizes**2).sum()), 1e-30)
    if found.shape[1] < 2:
        found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
        shares = np.pad(shares, (0, 2 - len(shares)))
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(2)])
    return found * np.where(signs == 0, 1, signs), shares
