"""The tables of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nntasks.interfaces.report_data import Table
from nntasks.plugins.embedding_analysis.analysis import GEOMETRY, Analysis
from nntasks.plugins.embedding_analysis.measures.frequency import bands
from nntasks.plugins.embedding_analysis.measures.translation import WITHIN
from nntasks.plugins.embeddings.correlation import bootstrap_spearman
from nntasks.plugins.embeddings.metric import QuestionMetric, scores_and_cosines
from nntasks.plugins.embeddings.question_answering import is_right
from nntasks.statistics.proportions import wilson

_NEAR = 6  # neighbours per word in a table
_NAMED = 3  # mistakes listed
_NONE = "-"


def tables(analysis: Analysis, metric: QuestionMetric | None) -> Iterator[Table]:
    """Yield every table that has rows."""
    candidates = [
        _analogies(analysis),
        _pairs(analysis, metric),
        _neighbours(analysis),
        _geometry(analysis),
        _frequency(analysis),
        _outliers(analysis),
        _associations(analysis),
        _stability(analysis),
        _translations(analysis),
    ]
    yield from (table for table in candidates if table is not None and table.rows)


def shares_by_section(analysis: Analysis) -> dict[str, tuple[int, int, list[float]]]:
    """Return questions, covered questions and the accuracy of each method, by section."""
    found: dict[str, tuple[int, int, list[float]]] = {}
    for section in dict.fromkeys(q.section for q, _ in analysis.by_method["cosadd"]):
        shares, asked, covered = [], 0, 0
        for rows in analysis.by_method.values():
            said = [(q, a) for q, a in rows if q.section == section]
            right = [is_right(a.word, q.d) for q, a in said if a.word is not None]
            asked, covered = len(said), len(right)
            shares.append(sum(right) / covered if covered else math.nan)
        found[section] = (asked, covered, shares)
    return found


def _analogies(analysis: Analysis) -> Table | None:
    rows = [
        [section, asked, covered, *shares]
        for section, (asked, covered, shares) in shares_by_section(analysis).items()
    ]
    return Table(
        "analogies",
        "Analogies by section",
        ("section", "questions", "covered", "3CosAdd", "3CosMul"),
        rows,
        "Accuracy among the covered questions, those whose four words are among "
        f"the {min(analysis.config.restrict, len(analysis.vectors)):,} most frequent.",
    )


def _pairs(analysis: Analysis, metric: QuestionMetric | None) -> Table | None:
    config, rows = analysis.config, []
    for name in metric.sets if metric else ():
        asked = metric.answers("pair", [name]) if metric else []
        x, y = scores_and_cosines(asked)
        found = bootstrap_spearman(x, y, seed=config.seed, resamples=config.resamples)
        rows.append([name, len(asked), len(asked) - len(x), found.value, found.low, found.high])
    return Table(
        "pairs",
        "Word similarity against the scores of each list",
        ("list", "pairs", "without vectors", "Spearman", "2.5 %", "97.5 %"),
        rows,
        f"The 95 % interval is BCa, from {config.resamples:,} bootstrap resamples of the pairs.",
    )


def _neighbours(analysis: Analysis) -> Table:
    vectors, words = analysis.vectors, analysis.shown_words
    rows = [
        [
            word,
            int(vectors.counts[vectors.index(word)]) if vectors.counts is not None else _NONE,
            ", ".join(f"{other} {cosine:.2f}" for other, cosine in near[:_NEAR]),
        ]
        for word, near in zip(words, analysis.neighbours_of(words, vectors), strict=True)
    ]
    return Table(
        "neighbours",
        "Nearest words",
        ("word", "seen", "nearest, with cosine"),
        rows,
        "Choose others with words=WORD,WORD; `explain` gives details of one word.",
    )


def _geometry(analysis: Analysis) -> Table:
    rows = [
        [
            name,
            len(analysis.sets[name]),
            analysis.sets[name].dim,
            found.mean_cosine,
            found.partition_ratio,
            found.isoscore,
            found.dimensions,
            float(found.shares[0]),
        ]
        for name, found in analysis.isotropy.items()
    ]
    return Table(
        "geometry",
        "Isotropy",
        (
            "vectors",
            "words",
            "numbers",
            "mean cosine",
            "partition ratio",
            "IsoScore",
            "effective dimensions",
            "first share",
        ),
        rows,
        f"Over the {GEOMETRY:,} most frequent words. Isotropic vectors: mean cosine 0, partition "
        "ratio (Mu and Viswanath 2018) 1, IsoScore (Rudman et al. 2022) 1, all dimensions "
        "effective. First share: share of variance along the first principal direction.",
    )


def _frequency(analysis: Analysis) -> Table:
    found = analysis.frequency
    rows = [
        [
            f"{first + 1:,} to {last + 1:,}",
            len(members),
            float(found.norms[members].mean()),
            float(np.median(found.neighbour_ranks[members])) + 1,
            float(found.nearest_cosines[members].mean()),
        ]
        for first, last, members in bands(found.places)
    ]
    return Table(
        "frequency",
        "Effects of word frequency",
        (
            "rank by frequency",
            "words",
            "mean length",
            "median rank of neighbours",
            "mean cosine of the nearest",
        ),
        rows,
        f"Spearman correlation of length and frequency: {found.norm_correlation:.3f}. "
        f"Correlation of a word's rank and the median rank of its {analysis.config.neighbours} "
        f"nearest words: {found.rank_correlation:.3f}; 0 means that neighbours do not depend on "
        "frequency.",
    )


def _outliers(analysis: Analysis) -> Table:
    rows = [
        [
            found.name,
            found.asked,
            found.absent,
            found.accuracy,
            found.position,
            ", ".join(f"{chosen} for {outlier}" for outlier, chosen in found.missed[:_NAMED])
            or _NONE,
        ]
        for found in analysis.outliers
    ]
    asked = sum(found.asked for found in analysis.outliers)
    right = sum(found.asked - len(found.missed) for found in analysis.outliers)
    source = "the file" if analysis.config.outliers else "the word groups, eight words each"
    return Table(
        "outliers",
        "Outlier detection",
        ("group", "tests", "without vectors", "found", "position", "chosen instead"),
        rows,
        f"Tests from {source}; {right} of {asked} outliers were found. Position: 1 if the "
        "outlier is least similar to the others, 0 if it is most similar.",
    )


def _associations(analysis: Analysis) -> Table:
    rows = [
        [
            found.name,
            found.used,
            found.all,
            found.effect,
            found.p,
            "all partitions" if found.exact else f"{analysis.config.permutations:,} drawn",
        ]
        for found in analysis.associations
        if not math.isnan(found.effect)
    ]
    left_out = [found.name for found in analysis.associations if math.isnan(found.effect)]
    note = f" Too few words with vectors for: {'; '.join(left_out)}." if left_out else ""
    return Table(
        "associations",
        "Associations (WEAT)",
        ("targets : attributes", "words used", "of", "effect", "p", "permutations"),
        rows,
        "Effect, -2 to 2: association of the first targets with the first attributes, and of the "
        "second with the second. p: one-sided, the share of partitions of the targets with at "
        "least this effect. Tests `A against B` compare one half of a group with its other "
        f"half.{note}",
    )


def _stability(analysis: Analysis) -> Table | None:
    found = analysis.stability
    if found is None:
        return None
    rows = [
        [
            f"{a} and {b}",
            f"{first + 1:,} to {last + 1:,}",
            len(members),
            float(found.jaccard[pair][members].mean()),
            float(found.cosines[pair][members].mean()),
        ]
        for pair, (a, b) in enumerate(found.pairs)
        for first, last, members in bands(found.places)
    ]
    return Table(
        "stability",
        "Agreement between sets",
        ("vectors", "rank by frequency", "words", "shared neighbours", "cosine after alignment"),
        rows,
        f"Among the {found.common:,} common words (at most 20,000): Jaccard index of the "
        f"{analysis.config.neighbours} nearest words; cosine of a word's two vectors after "
        "alignment of the sets (Procrustes).",
    )


def _translations(analysis: Analysis) -> Table | None:
    found = analysis.translations
    if not found:
        return None
    target, source, *_ = analysis.sets
    most = min(analysis.config.restrict, len(analysis.vectors))
    rows = [
        [one.learned, one.tested, _share(one.first, one.tested), _share(one.within, one.tested)]
        for one in found
    ]
    return Table(
        "translations",
        f"Translation from {source} to {target}",
        ("learned from", "tested words", "nearest word is right", f"right among {WITHIN}"),
        rows,
        "A rotation (Procrustes) is learned from one part of the dictionary and tested on the "
        f"rest; the split is fixed. Shares with Wilson's 95 % interval; chance is {1 / most:.2g}.",
    )


def _share(right: int, count: int) -> str:
    between = wilson(right, count)
    return f"{right / count:.3f} [{between.low:.3f}, {between.high:.3f}]"
