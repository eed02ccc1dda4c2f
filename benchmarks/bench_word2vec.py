"""Time an epoch of word2vec against gensim at its best number of workers, in words a second.

    python benchmarks/bench_word2vec.py                    # 4 million words of the Wikipedia text
    python benchmarks/bench_word2vec.py --words 17000000 --rounds 3

100 dimensions, window 5, 5 negatives, minimum count 5, subsampling 1e-3. Every contender has a
process of its own; they take turns. Counting words is not timed on either side. gensim reads the
text anew in each epoch, as it always does; ours reads what was encoded once.

First gensim's numbers of workers compete, then the best of them with ours. A shared machine changes
its pace for minutes, so a ratio is the median of those of the rounds, and the peer's time is shown
as ours times that.
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

from nntasks.kernel_checks.timing import Row, print_rows

GOALS = {"skipgram": 4.0, "cbow": 2.0}
ORDERED = 1.5  # most times the time of mode=fast


def rows(words: int = 4_000_000, rounds: int = 9) -> list[Row]:
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
    folder = str(text.with_suffix(".encoded"))
    ours = [
        Contender(mode, enter_ours, (str(text), folder, model, mode))
        for mode in ("fast", "ordered")
    ]
    best = _best_gensim(model, text, words)
    times = take_turns([*ours, best], "epoch", None, rounds)
    for name, each in times.items():
        _print_speed(model, name, words, each)
    fast, ordered, peer = times["fast"], times["ordered"], times[best.name]
    work = f"an epoch of {words:,} words"
    goal = GOALS[model]
    return [
        _row(model, f"{work}, mode=fast", fast, peer, best.name, goal),
        _row(model, f"{work}, mode=ordered", ordered, peer, best.name),
        _row(model, f"{work}, mode=ordered", ordered, fast, "mode=fast", 1 / ORDERED),
    ]


def _best_gensim(model: str, text: Path, words: int) -> Contender:
    cores = os.cpu_count() or 1
    contenders = [
        Contender(f"gensim, {count} workers", enter_gensim, (str(text), model, count))
        for count in sorted({1, cores, cores + 1, 2 * cores})
    ]
    times = take_turns(contenders, "epoch", None, 1)
    for name, each in times.items():
        _print_speed(model, name, words, each)
    return min(contenders, key=lambda contender: times[contender.name])


def _print_speed(model: str, name: str, words: int, seconds: list[float]) -> None:
    speed = words / statistics.median(seconds)
    print(f"  {model}, {name}: {speed:,.0f} words/s", file=sys.stderr, flush=True)


def _row(
    model: str,
    work: str,
    ours: list[float],
    peer: list[float],
    peer_name: str,
    goal: float | None = None,
) -> Row:
    """Return a row whose ratio is the median of the rounds'."""
    ratio = statistics.median(b / a for a, b in zip(ours, peer, strict=True))
    seconds = statistics.median(ours)
    return Row(f"word2vec {model}", work, seconds, seconds * ratio, peer_name, goal)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    print_rows("word2vec against gensim", rows(arguments.words, arguments.rounds))


if __name__ == "__main__":
    main()
