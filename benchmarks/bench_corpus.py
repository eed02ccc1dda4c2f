"""Time the corpus reader against plain Python: `collections.Counter`, then a dictionary of numbers.

python benchmarks/bench_corpus.py                    # a generated text of 100 MB
python benchmarks/bench_corpus.py --text FILE        # any text
python benchmarks/bench_corpus.py --megabytes 1000 --memory    # peak memory alone

Both count all words, leave out those under five occurrences, and number the others.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks.kernel_checks.timing import Row, print_rows
from nntasks.kernel_checks.timing import medians as timed
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
from nntasks.plugins.word2vec.corpus.engine import READER

ROOT = Path(__file__).resolve().parents[1]
MIN_COUNT = 5


def write_text(path: Path, megabytes: int) -> None:
    """Write lines of words whose frequencies fall as in a language (Zipf's law, 250,000 words)."""
    rng, kinds = np.random.default_rng(0), 250_000
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz", "S1")
    words = [b"".join(rng.choice(letters, rng.integers(2, 11))) for _ in range(kinds)]
    shares = 1 / np.arange(1, kinds + 1)
    sums = np.cumsum(shares / shares.sum())
    with open(path, "wb") as file:
        while file.tell() < megabytes * 1_000_000:
            drawn = np.minimum(np.searchsorted(sums, rng.random(200_000)), kinds - 1).tolist()
            for start in range(0, len(drawn), 20):
                file.write(b" ".join([words[i] for i in drawn[start : start + 20]]) + b"\n")


def ours(path: Path) -> int:
    """Encode into an empty folder; return how many words are kept."""
    with tempfile.TemporaryDirectory() as folder:
        return len(encode(path, folder, CorpusOptions(min_count=MIN_COUNT)))


def plain(path: Path) -> int:
    """Do the same by what Python brings, line by line; return how many words are kept."""
    counts: Counter[str] = Counter()
    with open(path, encoding="utf-8") as file:
        for line in file:
            counts.update(line.split())
    words = sorted((w for w in counts if counts[w] >= MIN_COUNT), key=lambda w: (-counts[w], w))
    numbers = {word: number for number, word in enumerate(words)}
    parts = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            found = [numbers[word] for word in line.split() if word in numbers]
            parts.append(np.array(found, np.int32))
    return sum(map(len, parts))


def rows(text: Path | None = None, megabytes: int = 100, rounds: int = 3) -> list[Row]:
    """Return the rows of this benchmark in the table of all."""
    with tempfile.TemporaryDirectory() as folder:
        path = text or Path(folder) / "text.txt"
        if text is None:
            write_text(path, megabytes)
        assert ours(path) == plain(path)
        times = timed(
            {"ours": lambda: ours(path), "plain": lambda: plain(path)},
            rounds=rounds,
            most_seconds=120,
        )
        size = path.stat().st_size / 1e6
    print(f"corpus reader ({READER.active()}): {size / times['ours']:.0f} MB/s", file=sys.stderr)
    return [
        Row(
            "corpus",
            f"count and number {size:.0f} MB",
            times["ours"],
            times["plain"],
            "collections.Counter and a dict",
            10.0,
        )
    ]


def print_memory(text: Path | None, megabytes: int) -> None:
    """Print the peak memory of a process that encodes a text of a MB, and of one that does this."""
    with tempfile.TemporaryDirectory() as folder:
        small, path = Path(folder) / "small.txt", text or Path(folder) / "text.txt"
        write_text(small, 1)
        if text is None:
            write_text(path, megabytes)
        for one in (small, path):
            size = one.stat().st_size / 1e6
            print(f"{size:.0f} MB of text: peak memory {peak(one) / 1e6:.0f} MB")


def peak(path: Path) -> int:
    """Return the peak memory, in bytes, of a process that encodes a text; Linux only."""
    code = (
        "import re, sys, tempfile\n"
        "from pathlib import Path\n"
        "from nntasks.plugins.word2vec.corpus import encode\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    encode(sys.argv[1], folder)\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return 1024 * int(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=Path)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    if given.memory:
        print_memory(given.text, given.megabytes)
    else:
        print_rows(f"NumPy {np.__version__}", rows(given.text, given.megabytes, given.rounds))


if __name__ == "__main__":
    main()
