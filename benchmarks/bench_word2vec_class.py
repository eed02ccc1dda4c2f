"""Words a second of `Word2Vec(sentences)` beside gensim's: a list in memory, and an iterator.

Both train skip-gram (or CBOW with --cbow) on the same sentences, counting included, with the same
options and as many threads. Rounds are interleaved; medians and their ratio are printed, and the
least CPU time of each, which a busy machine distorts less (with one worker: others spin). With
--fasttext both are `FastText`, of n-grams of 3 to 6 characters; the words then have 4 to 9 letters.

    python benchmarks/bench_word2vec_class.py --words 1000000 --rounds 5 --workers 2
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import numpy as np

from nntasks.plugins.word2vec import FastText, Word2Vec

_LENGTH = 20  # words of a sentence
_VOCABULARY = 30_000


class Lines:
    """Sentences that are read again for each pass, each split anew."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def __iter__(self):
        return (line.split() for line in self._lines)


def text(words: int, spelt: bool = False) -> list[str]:
    """Return sentences whose words follow Zipf's law: w0, w1, ..., or random letters if `spelt`."""
    rng = np.random.default_rng(0)
    odds = 1 / np.arange(1, _VOCABULARY + 1)
    drawn = rng.choice(_VOCABULARY, (words // _LENGTH, _LENGTH), p=odds / odds.sum())
    names = [f"w{n}" for n in range(_VOCABULARY)]
    if spelt:
        letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", np.uint8)
        sizes = rng.integers(4, 10, _VOCABULARY)
        names = [rng.choice(letters, size).tobytes().decode() for size in sizes.tolist()]
    return [" ".join(names[n] for n in row) for row in drawn.tolist()]


def seconds(make, sentences, options) -> tuple[float, float]:
    """Return the seconds on the clock, and those of all threads on a processor."""
    start, busy = time.perf_counter(), time.process_time()
    make(sentences, **options)
    return time.perf_counter() - start, time.process_time() - busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--cbow", action="store_true")
    parser.add_argument("--fasttext", action="store_true")
    chosen = parser.parse_args()
    import gensim.models

    ours = FastText if chosen.fasttext else Word2Vec
    theirs = getattr(gensim.models, ours.__name__)
    lines = text(chosen.words, chosen.fasttext)
    kinds = {"list": [line.split() for line in lines], "iterator": Lines(lines)}
    options = {"sg": int(not chosen.cbow), "epochs": chosen.epochs, "workers": chosen.workers}
    for name, sentences in kinds.items():
        times: dict[str, list[tuple[float, float]]] = {"ours": [], "gensim": []}
        for _ in range(chosen.rounds):
            for side, make in (("ours", ours), ("gensim", theirs)):
                times[side].append(seconds(make, sentences, options))
        own, other = (statistics.median(t for t, _ in times[side]) for side in times)
        busy = [min(t for _, t in times[side]) for side in times]
        speeds = [chosen.words * chosen.epochs / one for one in (own, other)]
        print(
            f"{name}: ours {speeds[0]:,.0f} words/s, gensim {speeds[1]:,.0f}: "
            f"{other / own:.2f} times; CPU {busy[0]:.2f} s, {busy[1]:.2f}: "
            f"{busy[1] / busy[0]:.2f} times; load {os.getloadavg()[0]:.1f}"
        )


if __name__ == "__main__":
    main()
