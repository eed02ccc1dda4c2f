"""Time an epoch of word2vec against gensim at its best number of workers, in words a second.

    python benchmarks/bench_word2vec.py                    # 2 million words of the Wikipedia text
    python benchmarks/bench_word2vec.py --words 17000000 --rounds 3

100 dimensions, window 5, 5 negatives, minimum count 5, subsampling 1e-3. Every contender has a
process of its own; they take turns. Counting words is not timed on either side. gensim reads the
text anew in each epoch, as it always does; ours reads what was encoded once.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from contenders import Contender, take_turns
from word2vec_sides import enter_gensim, enter_ours, wikipedia, write_lines

from core.timing import Row, print_rows

GOALS = {"skipgram": 4.0, "cbow": 2.0}
ORDERED = 1.5  # most times the time of mode=fast


def rows(words: int = 2_000_000, rounds: int = 5) -> list[Row]:
    """Return the rows of this benchmark in the table of all; none without the text or gensim."""
    if not wikipedia().is_file():
        print(f"word2vec is left out: there is no {wikipedia()}", file=sys.stderr)
        return []
    found = []
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        count = write_lines(text, words)
        for model in GOALS:
            found += _rows_of(model, text, count, rounds)
    return found


def _rows_of(model: str, text: Path, words: int, rounds: int) -> list[Row]:
    print(f"timing word2vec, {model}", file=sys.stderr, flush=True)
    cores = os.cpu_count() or 1
    folder = str(text.with_suffix(".encoded"))
    contenders = [
        Contender(mode, enter_ours, (str(text), folder, model, mode))
        for mode in ("fast", "ordered")
    ]
    workers = sorted({1, cores, cores + 1, 2 * cores})
    contenders += [
        Contender(f"gensim, {count} workers", enter_gensim, (str(text), model, count))
        for count in workers
    ]
    taken = take_turns(contenders, "epoch", None, rounds)
    times = {name: statistics.median(each) for name, each in taken.items()}
    for name, seconds in times.items():
        print(f"  {model}, {name}: {words / seconds:,.0f} words/s", file=sys.stderr)
    fast, ordered = times.pop("fast"), times.pop("ordered")
    best = min(times, key=lambda name: times[name])
    work = f"an epoch of {words:,} words"
    return [
        Row(f"word2vec {model}", f"{work}, mode=fast", fast, times[best], best, GOALS[model]),
        Row(f"word2vec {model}", f"{work}, mode=ordered", ordered, times[best], best),
        Row(f"word2vec {model}", f"{work}, mode=ordered", ordered, fast, "mode=fast", 1 / ORDERED),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print_rows("word2vec against gensim", rows(arguments.words, arguments.rounds))


if __name__ == "__main__":
    main()
