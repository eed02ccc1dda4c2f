"""Train on the Wikipedia text with 1, 2 and 4 processes: speed, bytes sent, and quality.

    python benchmarks/scaling_word2vec.py                          # 4 million words, 3 epochs
    python benchmarks/scaling_word2vec.py --words 17000000 --epochs 5 --processes 1,2,4

Each process has one thread; settings as in bench_word2vec.py, mode=ordered. Words a second are of
the training step, averaging included, by process; beyond the cores of the machine processes share
them. Bytes are what a process hands over to be summed, for each million words that it trains on.
`--key average_words=4000000` passes keys on.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from word2vec_sides import ROOT, SETTINGS, scores, wikipedia, write_lines

from nntasks.plugins.embeddings.data import EmbeddingEval
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.plugins.word2vec.speed import Speed


def train(text: Path, processes: int, epochs: int, keys: list[str]) -> Path:
    """Run word2vec by the command line; return the run's folder."""
    out = text.parent / f"of-{processes}"
    settings = [f"{name}={value}" for name, value in SETTINGS.items()]
    command = [
        *(sys.executable, "-m", "nntasks", "run", "word2vec", "data=text", f"data.path={text}"),
        *("threads=1", f"epochs={epochs}", f"cache={text.parent}", "--out", str(out)),
        *(*settings, *keys, "--nproc", str(processes)),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next((out / "word2vec").glob("2*"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--processes", default="1,2,4")
    parser.add_argument("--key", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    questions = EmbeddingEval.questions(wikipedia().parents[1] / "embedding_eval")
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        words = write_lines(text, arguments.words)
        for processes in map(int, arguments.processes.split(",")):
            run = train(text, processes, arguments.epochs, arguments.key)
            speed = Speed.of_run(run)
            assert speed is not None
            sent = re.search(r"sent ([\d.,]+) MB", (run / "log.txt").read_text())
            megabytes = float(sent[1].replace(",", "")) if sent else 0.0
            each = words * arguments.epochs / processes / 1e6
            found = scores(read_vectors(run), questions)
            quality = "  ".join(f"{name} {value:.4f}" for name, value in found.items())
            print(
                f"{processes} processes: {speed.words_per_second / processes:,.0f} words/s each, "
                f"{megabytes / each:.1f} MB a million words, {quality}",
                flush=True,
            )


if __name__ == "__main__":
    main()
