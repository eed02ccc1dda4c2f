"""The figures of a run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from nntasks.interfaces.report_data import Figure
from nntasks.plugins.embedding_analysis.analysis import Analysis
from nntasks.plugins.embedding_analysis.maps.layouts import (
    TITLES,
    Layout,
    TsneSettings,
    explained,
    tsne_library,
)
from nntasks.plugins.embedding_analysis.measures.frequency import bands
from nntasks.plugins.embedding_analysis.report import shares_by_section
from nntasks.plugins.embeddings.metric import QuestionMetric, scores_and_cosines
from nntasks.report.labels import write_labels
from nntasks.statistics.proportions import wilson

_LEGEND_COLUMNS = 3
_TURNED = "aligned with the first (Procrustes)"


def figures(analysis: Analysis, metric: QuestionMetric | None) -> Iterator[Figure]:
    """Yield every figure that has data."""
    for name, layout in analysis.layouts.items():
        yield Figure(
            f"map_{name}",
            f"A map of words: {TITLES[name]}",
            _map_caption(analysis, name),
            partial(draw_map, analysis, name, layout),
        )
    if analysis.by_method["cosadd"]:
        yield Figure(
            "analogies",
            "Analogies by section",
            "Accuracy among the covered questions, with 95 % intervals (Wilson).",
            lambda: draw_analogies(analysis),
        )
    if metric and metric.sets:
        yield Figure(
            "pairs",
            "Cosines against the scores of word pairs",
            "Each point is a word pair. If similar words have similar vectors, the points rise "
            "from left to right.",
            lambda: draw_pairs(metric),
        )
    yield Figure(
        "frequency",
        "Effects of word frequency",
        "Top: vector length. Bottom: median rank of the nearest words. The x axis of both is the "
        "word's own rank. A slope at the bottom means that neighbours have similar frequencies.",
        lambda: draw_frequency(analysis),
    )
    yield Figure(
        "variance",
        "Variance along the principal directions",
        "Isotropic vectors give a flat line.",
        lambda: draw_variance(analysis),
    )
    if analysis.stability is not None:
        yield Figure(
            "stability",
            "Shared neighbours over frequency",
            "Mean over words of similar frequency; 1 means that two sets agree completely.",
            lambda: draw_stability(analysis),
        )


def _map_caption(analysis: Analysis, name: str) -> str:
    moving = "map.html in the run's folder is an interactive version of this map."
    if name == "pca":
        share = explained(_mapped(analysis)).sum()
        what = f"The two directions explain {share:.0%} of the variance of these words."
    elif name == "tsne":
        left = analysis.layouts[name].divergence
        numbers = ", ".join(f"{value:.2f}" for value in left.values())
        perplexity = TsneSettings(analysis.config.perplexity).perplexity_of(len(analysis.on_map))
        what = (
            f"Near words stay near; long distances mean little ({tsne_library()}, perplexity "
            f"{perplexity:g}; KL divergence {numbers})."
        )
    else:
        what = "Near words stay near; long distances mean little."
    several = f" Later sets are {_TURNED}." if len(analysis.sets) > 1 else ""
    return f"{what}{several} Words without room have no label. {moving}"


def _axes_of(analysis: Analysis, name: str) -> tuple[str, str]:
    """Name the axes; those of PCA have shares of the variance, others have no meaning alone."""
    if name != "pca":
        return f"{TITLES[name]}, first axis (no unit)", "second axis (no unit)"
    shares = explained(_mapped(analysis))
    return (
        f"first principal component ({shares[0]:.0%} of the variance of these words)",
        f"second principal component ({shares[1]:.0%})",
    )


def _mapped(analysis: Analysis) -> np.ndarray:
    """Return the unit vectors (N, D) of the words on the map."""
    return analysis.vectors.unit[[analysis.vectors.index(word) for word in analysis.on_map]]


def draw_map(analysis: Analysis, name: str, layout: Layout) -> Any:
    """Draw a panel for each set of vectors; points are labelled where there is room."""
    from nntasks.report import style

    first, second = _axes_of(analysis, name)
    count = len(layout)
    names, words = analysis.mapped_groups, list(analysis.on_map)
    legend_lines = -(-len(names) // _LEGEND_COLUMNS) if len(names) > 1 else 0
    figure = style.new_figure(style.WIDEST, 5.2 * count + 0.17 * legend_lines)
    panels = figure.subplots(count, 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    for axes, (title, places) in zip(panels, layout.items(), strict=True):
        axes.set_title(style.plain(title) if count > 1 else "")
        for name, look in zip(names, style.looks(len(names)), strict=True):
            chosen = [i for i, word in enumerate(words) if analysis.on_map[word] == name]
            axes.scatter(
                places[chosen, 0],
                places[chosen, 1],
                s=14,
                linewidths=0,
                color=look.colour,
                marker=look.marker,
                label=style.plain(name),
            )
        axes.margins(0.08)
        axes.set(xticks=[], yticks=[])
        axes.set_ylabel(second)
    panels[-1].set_xlabel(first)
    if legend_lines:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=_LEGEND_COLUMNS, fontsize=7.5
        )
    write_labels(figure, [(a, p, words) for a, p in zip(panels, layout.values(), strict=True)])
    return figure


def draw_analogies(analysis: Analysis) -> Any:
    """Draw the accuracy by section and method."""
    from nntasks.report import style

    sections = shares_by_section(analysis)
    figure = style.new_figure(style.WIDEST, 1.1 + 0.4 * len(sections))
    axes = figure.subplots()
    places = np.arange(len(sections))[::-1]
    for number, method in enumerate(("3CosAdd", "3CosMul")):
        shares = [
            wilson(round(found[number] * covered) if covered else 0, covered)
            for _, covered, found in sections.values()
        ]
        heights = places + 0.2 - 0.4 * number
        style.draw_shares(axes, heights, shares, style.PALETTE[number], height=0.38, label=method)
    labels = [f"{style.plain(name)}  ({row[1]:,} of {row[0]:,})" for name, row in sections.items()]
    axes.set_yticks(places, labels)
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("accuracy; covered questions in brackets")
    axes.grid(axis="x")
    figure.legend(loc="outside upper right", ncols=2)
    return figure


def draw_pairs(metric: QuestionMetric) -> Any:
    """Draw cosines over the scores of each list, one panel per list."""
    from nntasks.report import style

    sets = metric.sets
    columns = min(len(sets), 2)
    rows = -(-len(sets) // columns)
    figure = style.new_figure(style.WIDEST if columns == 2 else 4.4, 3.0 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels[len(sets) :]:
        axes.set_visible(False)
    for axes, name in zip(panels, sets, strict=False):
        scores, cosines = scores_and_cosines(metric.answers("pair", [name]))
        axes.scatter(scores, cosines, s=9, alpha=0.6, linewidths=0, color=style.BLUE)
        axes.set_title(style.plain(f"{name}, {len(scores)} pairs"))
        axes.set_xlabel("score in the list")
        axes.set_ylabel("cosine of the vectors")
        axes.grid()
    return figure


def draw_frequency(analysis: Analysis) -> Any:
    """Draw vector lengths and neighbour ranks over rank."""
    from nntasks.report import style

    found = analysis.frequency
    figure = style.new_figure(style.WIDEST, 5.6)
    left, right = figure.subplots(2, 1)
    ranks = found.places + 1
    for axes, values, label in (
        (left, found.norms, "length of the vector"),
        (right, found.neighbour_ranks + 1, "median rank of the nearest words"),
    ):
        axes.scatter(ranks, values, s=7, alpha=0.45, linewidths=0, color=style.BLUE)
        middle = [
            (np.exp(np.log(ranks[m]).mean()), np.median(values[m]))
            for _, _, m in bands(found.places, 8)
        ]
        axes.plot(*zip(*middle, strict=True), color=style.ORANGE, marker="o", label="median")
        axes.set_xscale("log")
        axes.set_xlabel("rank by frequency")
        axes.set_ylabel(label)
        axes.grid()
    right.set_yscale("log")
    left.set_ylim(bottom=0)
    left.legend()
    return figure


def draw_variance(analysis: Analysis) -> Any:
    """Draw the share of the variance along each principal direction, one line per set."""
    from nntasks.report import style

    figure = style.new_figure(5.6, 3.2)
    axes = figure.subplots()
    looks = style.looks(len(analysis.isotropy))
    for (name, found), look in zip(analysis.isotropy.items(), looks, strict=True):
        axes.plot(
            np.arange(1, len(found.shares) + 1),
            found.shares,
            label=style.plain(name),
            **look.line(),
        )
    axes.set_xlabel("principal direction")
    axes.set_ylabel("share of the variance")
    axes.set_ylim(bottom=0)
    axes.grid()
    if len(analysis.isotropy) > 1:
        axes.legend()
    return figure


def draw_stability(analysis: Analysis) -> Any:
    """Draw shared neighbours over frequency, one line per pair of sets."""
    from nntasks.report import style

    found = analysis.stability
    assert found is not None
    figure = style.new_figure(style.WIDEST, 3.6)
    axes = figure.subplots()
    ranks = found.places + 1
    looks = style.looks(len(found.pairs))
    for pair, values, look in zip(found.pairs, found.jaccard, looks, strict=True):
        middle = [
            (np.exp(np.log(ranks[m]).mean()), values[m].mean())
            for _, _, m in bands(found.places, 10)
        ]
        axes.plot(
            *zip(*middle, strict=True),
            marker="o",
            label=style.plain(" and ".join(pair)),
            **look.line(),
        )
    axes.set_xscale("log")
    axes.set_ylim(0, 1)
    axes.set_xlabel("rank by frequency")
    axes.set_ylabel("shared neighbours (Jaccard)")
    axes.grid()
    figure.legend(loc="outside lower left", ncols=2)
    return figure
