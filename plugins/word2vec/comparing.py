"""What `compare` shows of runs of `word2vec`: their speed, and how far their neighbours agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.interfaces.report_data import Table
from nntasks.plugins.embedding_analysis.measures.stability import stability
from nntasks.plugins.embeddings.vector_files import find_vectors, read_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.speed import Speed

WORDS, NEIGHBOURS = 1000, 10  # compared words, and nearest words of each
_MOST = 8  # sets of vectors; every two are compared


def tables(runs: Mapping[str, Sequence[Path]]) -> Iterator[Table]:
    """Yield the words a second of each variant, and the shared neighbours of every two runs.

    Args:
        runs: folders of finished runs, by the name of their variant.
    """
    yield _speeds(runs)
    sets = dict(_sets(runs))
    if len(sets) > 1:
        yield _agreement(sets)


def _speeds(runs: Mapping[str, Sequence[Path]]) -> Table:
    kept = {name: [Speed.of_run(path) for path in paths] for name, paths in runs.items()}
    means = {
        name: sum(speed.words_per_second for speed in speeds if speed) / len(speeds)
        for name, speeds in kept.items()
        if all(speeds)
    }
    first = next(iter(means.values()), 0.0)
    rows = [(name, f"{mean:,.0f}", f"{mean / first:.2f}") for name, mean in means.items()]
    title = "Speed of training, in words of the vocabulary"
    return Table("speed", title, ("variant", "words/s", "times the first"), rows)


def _sets(runs: Mapping[str, Sequence[Path]]) -> Iterator[tuple[str, KeyedVectors]]:
    """Yield the vectors of each run that has some, under a name of its own."""
    named = [
        (name if len(paths) == 1 else f"{name}, {path.name}", path)
        for name, paths in runs.items()
        for path in paths
    ]
    for name, path in named[:_MOST]:
        try:
            yield name, read_vectors(find_vectors(path))
        except UsageError:  # the run saved none
            continue


def _agreement(sets: Mapping[str, KeyedVectors]) -> Table:
    found = stability(sets, WORDS, NEIGHBOURS)
    rows = [
        (one, other, f"{shared.mean():.3f}", f"{cosines.mean():.3f}")
        for (one, other), shared, cosines in zip(
            found.pairs, found.jaccard, found.cosines, strict=True
        )
    ]
    title = (
        f"Agreement on {len(found.words)} words: Jaccard index of their {NEIGHBOURS} nearest "
        "words, and cosine of their vectors after rotation"
    )
    columns = ("variant", "and", "shared neighbours", "cosine")
    return Table("agreement", title, columns, rows)
