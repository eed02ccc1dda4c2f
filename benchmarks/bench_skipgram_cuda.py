"""Time `skipgram` on a GPU, in words a second: fast, and ordered in blocks of several sizes.

    python benchmarks/bench_skipgram_cuda.py                  # the goal is for an H200
    python benchmarks/bench_skipgram_cuda.py --pieces 20

Words are drawn by Zipf's law from 71,290, as many as text8 has; 100 dimensions, window 5, 5
negatives, subsampling 1e-3. The text, like the vectors, is on the device before the clock starts.
Words a second count the words read, as word2vec.c does; those that subsampling keeps are printed
too. Without a GPU, or without the CUDA kernel, it says so and times nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nntasks import ops
from nntasks.kernel_checks.timing import Row, print_rows
from nntasks.ops import AliasTable, skipgram
from nntasks.plugins.word2vec.trainer import PIECE, keep_thresholds

WORDS, COLUMNS = 71_290, 112  # 100 dimensions, padded
BLOCKS = (128, 512, 1024, 4096)
GOAL = 50e6  # words a second, on an H200


def missing() -> str:
    """Return why nothing can be timed; empty if it can."""
    if not torch.cuda.is_available():
        return "there is no CUDA device"
    return "" if ops.has_kernel("skipgram", "cuda") else "the CUDA kernel is not built"


def pieces(count: int) -> tuple[list[torch.Tensor], torch.Tensor, AliasTable]:
    """Return `count` pieces of text on the device, the thresholds of subsampling, and the noise."""
    zipf = torch.arange(1, WORDS + 1).double().reciprocal()
    drawn = AliasTable(zipf).draw(count * PIECE, seed=1).int()
    counts = drawn.bincount(minlength=WORDS).clamp(min=1)
    keep = torch.from_numpy(keep_thresholds(counts.numpy(), 1e-3)).cuda()
    noise = AliasTable(counts.double().pow(0.75).cuda())
    return list(drawn.cuda().split(PIECE)), keep, noise


def timed(kind: str, block: int, count: int) -> tuple[float, float]:
    """Return words read and words kept a second."""
    texts, keep, noise = pieces(count)
    inputs = torch.rand(WORDS, COLUMNS, device="cuda") / COLUMNS
    outputs = torch.zeros_like(inputs)
    sentences = torch.tensor([0, PIECE], device="cuda")

    def train(text: torch.Tensor) -> float:
        options = {"keep": keep, "noise": noise, "kind": kind, "block": block}
        return float(skipgram(inputs, outputs, text, sentences, **options).centres)

    train(texts[0])  # warm
    return speed_of(train, texts)


def speed_of(
    train: Callable[[torch.Tensor], float], texts: list[torch.Tensor]
) -> tuple[float, float]:
    """Return the medians over the pieces; each call waits for the device."""
    read, kept = [], []
    for text in texts:
        torch.cuda.synchronize()
        start = time.perf_counter()
        centres = train(text)
        seconds = time.perf_counter() - start
        read.append(len(text) / seconds)
        kept.append(centres / seconds)
    return statistics.median(read), statistics.median(kept)


def rows(count: int = 50) -> list[Row]:
    """Return the rows of this benchmark in the table of all; none without a GPU."""
    why = missing()
    if why:
        print(f"skipgram on CUDA is left out: {why}", file=sys.stderr)
        return []
    found = []
    for kind in ("skipgram", "cbow"):
        for block in (0, *BLOCKS):
            read, kept = timed(kind, block, count)
            work = f"{PIECE:,} words, " + (f"block={block}" if block else "mode=fast")
            print(f"  {kind}, {work}: {read:,.0f} words/s, {kept:,.0f} kept", file=sys.stderr)
            goal = 1.0 if kind == "skipgram" else None
            found.append(
                Row(f"cuda, {kind}", work, PIECE / read, PIECE / GOAL, "50 M words/s", goal)
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, default=50, help="of 131,072 words")
    found = rows(parser.parse_args().pieces)
    if found:
        print_rows(torch.cuda.get_device_name(), found)


if __name__ == "__main__":
    main()
