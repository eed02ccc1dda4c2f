"""Train ours and gensim's on the whole text with several seeds, and compare their quality.

    python benchmarks/quality_word2vec.py                          # skip-gram and CBOW, three seeds
    python benchmarks/quality_word2vec.py --models cbow --seeds 5 --modes fast

Settings as in bench_word2vec.py, 5 epochs. Prints mean and 95 % interval (Student) of WordSim-353,
SimLex-999 and the analogies among the 30,000 most frequent words, and words a second. gensim reads
sentences (gensim) or a file (gensim-file): the latter comes out a little better, as each of its
workers lets the learning rate fall by its own share of the words only.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import stats
from word2vec_sides import from_gensim, scores, train_gensim, train_ours, wikipedia, write_lines

from nntasks.plugins.embeddings.data import EmbeddingEval


def measure(text: Path, words: int, model: str, side: str, seed: int, questions: list, options):
    """Train once; return scores and words a second."""
    epochs = options.epochs
    start = time.perf_counter()
    if side.startswith("gensim"):
        by_file, workers = side == "gensim-file", os.cpu_count() or 1
        vectors = from_gensim(train_gensim(text, model, workers, seed, epochs, by_file))
    else:
        keys = {"model": model, "mode": side, "seed": seed, "epochs": epochs}
        keys["together"] = options.together
        vectors = train_ours(text, text.with_suffix(".encoded"), **keys).vectors
    speed = words * epochs / (time.perf_counter() - start)
    found = scores(vectors, questions) | {"words/s": speed}
    line = "  ".join(f"{name} {value:,.4g}" for name, value in found.items())
    print(f"{model} {side} seed {seed}: {line}", flush=True)
    return found


def interval(values: list[float]) -> str:
    """Return mean and half-width of the 95 % interval."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return f"{mean:.4g}"
    wide = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{mean:.4g} +- {wide:.2g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="skipgram,cbow")
    parser.add_argument("--modes", default="gensim,gensim-file,fast,ordered", help="whom")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--together", type=int, default=1, help="centres that share negatives")
    parser.add_argument("--words", type=int, default=None, help="of the text; all if left out")
    arguments = parser.parse_args()
    questions = EmbeddingEval.questions(wikipedia().parents[1] / "embedding_eval")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        words = write_lines(text, arguments.words)
        for model in arguments.models.split(","):
            rounds = [
                {
                    side: measure(text, words, model, side, seed, questions, arguments)
                    for side in arguments.modes.split(",")
                }
                for seed in range(arguments.seeds)
            ]
            for side in arguments.modes.split(","):
                found = [each[side] for each in rounds]
                line = "  ".join(
                    f"{name} {interval([each[name] for each in found])}" for name in found[0]
                )
                lines.append(f"{model:<9} {side:<11} {line}")
    print("\n".join(["", *lines]))


if __name__ == "__main__":
    main()
