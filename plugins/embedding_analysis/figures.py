"""The figures of a run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from nntasks.interfaces.report_data import Figure
from nntasks.plugins.embedding_analysis.analysis import Analysis
from nntasks.plugins.embedding_analysis.maps.layouts import TITLES, Layout, explained, tsne_library
from nntasks.plugins.embedding_analysis.measures.frequency import bands
from nntasks.plugins.embedding_analysis.report import shares_by_section
from nntasks.plugins.embeddings.metric import QuestionMetric, scores_and_cosines

_LABELLED = 150  # words labelled on a map
_MARKERS = "os^D"
_TURNED = "aligned with the first (Procrustes)"


def figures(analysis: Analysis, metric: QuestionMetric | None) -> Iterator[Figure]:
    """Yield every figure that has data."""
    for name, layout in analysis.layouts.items():
        yield Figure(
            f"map_{name}",
            f"A map of words: {TITLES[name]}",
            _map_caption(analysis, name),
            partial(draw_map, analysis, layout),
        )
    if analysis.by_method["cosadd"]:
        yield Figure(
            "analogies",
            "Analogies by section",
            "Accuracy among the covered questions.",
            lambda: draw_analogies(analysis),
        )
    if metric and metric.sets:
        yield Figure(
            "pairs",
            "Cosines against human scores",
            "Each point is a word pair. A high rank correlation is good.",
            lambda: draw_pairs(metric),
        )
    yield Figure(
        "frequency",
        "Effects of word frequency",
        "Left: vector length. Right: median rank of the nearest words. Both over the word's own "
        "rank. A slope on the right means that neighbours have similar frequency.",
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
        points = analysis.vectors.unit[[analysis.vectors.index(w) for w in analysis.on_map]]
        what = f"The two directions explain {explained(points):.0%} of the variance of these words."
    elif name == "tsne":
        left = analysis.layouts[name].divergence
        numbers = ", ".join(f"{value:.2f}" for value in left.values())
        what = (
            f"Near words stay near; long distances mean little ({tsne_library()}, perplexity "
            f"{analysis.config.perplexity:g}; KL divergence {numbers})."
        )
    else:
        what = "Near words stay near; long distances mean little."
    several = f" Later sets are {_TURNED}." if len(analysis.sets) > 1 else ""
    return f"{what}{several} {moving}"


def draw_map(analysis: Analysis, layout: Layout) -> Any:
    """Draw a panel for each set of vectors; points are labelled where there is room."""
    from nntasks.report import style

    count = len(layout)
    across = min(count, 2)
    down = -(-count // across)
    size = 8.6 if count == 1 else 6.2
    figure = style.new_figure(size * across, size * 0.78 * down + 0.5)
    panels = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flatten()
    names, words = analysis.mapped_groups, list(analysis.on_map)
    for axes in panels:
        axes.axis("off")
    for axes, (title, places) in zip(panels, layout.items(), strict=False):
        if count > 1:
            axes.set_title(style.plain(title))
        for number, name in enumerate(names):
            chosen = [i for i, word in enumerate(words) if analysis.on_map[word] == name]
            axes.scatter(
                places[chosen, 0],
                places[chosen, 1],
                s=14,
                linewidths=0,
                color=style.PALETTE[number % 6],
                marker=_MARKERS[number // 6 % 4],
                label=style.plain(name),
            )
        _write_words(axes, words, places, small=count > 1)
    handles, labels = panels[0].get_legend_handles_labels()
    if len(names) > 1:
        figure.legend(
            handles, labels, loc="outside lower center", ncols=min(4, len(names)), fontsize=7
        )
    return figure


def _write_words(axes: Any, words: list[str], places: np.ndarray, small: bool) -> None:
    """Label points without overlaps, on a grid of letter size."""
    from nntasks.report import style

    low, reach = places.min(axis=0), np.maximum(np.ptp(places, axis=0), 1e-9)
    letters, lines = (84, 46) if small else (110, 62)  # columns and rows of the grid
    taken: set[tuple[int, int]] = set()
    written = 0
    for word, place in zip(words, places, strict=True):
        x, y = (place - low) / reach
        row, column = int(y * lines), int(x * letters)
        cells = {(row, column + i) for i in range(len(word) + 2)}
        if cells & taken or written >= _LABELLED:
            continue
        taken |= cells
        written += 1
        axes.annotate(
            style.plain(word),
            place,
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=6 if small else 7,
            color=style.INK,
        )


def draw_analogies(analysis: Analysis) -> Any:
    """Draw the accuracy by section and method."""
    from nntasks.report import style

    sections = shares_by_section(analysis)
    figure = style.new_figure(7.4, 1.1 + 0.36 * len(sections))
    axes = figure.subplots()
    places = np.arange(len(sections))[::-1]
    for number, method in enumerate(("3CosAdd", "3CosMul")):
        shares = [row[2][number] for row in sections.values()]
        axes.barh(
            places + 0.2 - 0.4 * number,
            np.nan_to_num(shares),
            0.38,
            color=style.PALETTE[number],
            label=method,
        )
    labels = [f"{style.plain(name)}  ({row[1]:,} of {row[0]:,})" for name, row in sections.items()]
    axes.set_yticks(places, labels)
    axes.set_xlim(0, 1)
    axes.set_xlabel("accuracy; covered questions in brackets")
    axes.grid(axis="x")
    figure.legend(loc="outside upper right", ncols=2)
    return figure


def draw_pairs(metric: QuestionMetric) -> Any:
    """Draw cosines over human scores, one panel per list."""
    from nntasks.report import style

    sets = metric.sets
    figure = style.new_figure(max(3.6 * len(sets), 4.4), 3.4)
    for axes, name in zip(figure.subplots(1, len(sets), squeeze=False)[0], sets, strict=True):
        scores, cosines = scores_and_cosines(metric.answers("pair", [name]))
        axes.scatter(scores, cosines, s=9, alpha=0.6, linewidths=0, color=style.BLUE)
        axes.set_title(f"{name}, {len(scores)} pairs")
        axes.set_xlabel("human score")
        axes.set_ylabel("cosine")
        axes.grid()
    return figure


def draw_frequency(analysis: Analysis) -> Any:
    """Draw vector lengths and neighbour ranks over rank."""
    from nntasks.report import style

    found = analysis.frequency
    figure = style.new_figure(8.4, 3.4)
    left, right = figure.subplots(1, 2)
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
    for number, (name, found) in enumerate(analysis.isotropy.items()):
        axes.plot(
            np.arange(1, len(found.shares) + 1),
            found.shares,
            color=style.PALETTE[number % 6],
            label=style.plain(name),
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
    figure = style.new_figure(6.4, 3.4)
    axes = figure.subplots()
    ranks = found.places + 1
    for number, (pair, values) in enumerate(zip(found.pairs, found.jaccard, strict=True)):
        middle = [
            (np.exp(np.log(ranks[m]).mean()), values[m].mean())
            for _, _, m in bands(found.places, 10)
        ]
        axes.plot(
            *zip(*middle, strict=True),
            marker="o",
            color=style.PALETTE[number % 6],
            label=style.plain(" and ".join(pair)),
        )
    axes.set_xscale("log")
    axes.set_ylim(0, 1)
    axes.set_xlabel("rank by frequency")
    axes.set_ylabel("shared neighbours (Jaccard)")
    axes.grid()
    axes.legend(fontsize=7)
    return figure
