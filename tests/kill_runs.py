"""Kill runs at random moments, resume them, and compare with runs that nothing disturbed.

    python tests/kill_runs.py --kills 100 --seed 0

Prints a table: kills, runs whose weights or rows have other bytes, files that were left over. Not
part of the ordinary tests, since it takes minutes; `make kill` runs it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from forked_runs import ROOT, Calls

WHOLE = ("checkpoints/final/model.safetensors", "metrics.jsonl", "items.csv")
LEFT = (".*.tmp", ".lock", ".unpacking-*", ".encoding-*")

SMALL = {
    "numpy_mlp": "data=xor data.points=256 hidden_sizes=8 epochs=12 batch_size=16",
    "cnn_classify": "data=digits epochs=2 model=alexnet_small device=cpu",
    "unet_segment": "data=blobs data.train=8 data.validation=2 data.test=2 data.size=16 depth=1 "
    "width=4 epochs=6 batch_size=2 device=cpu",
    "yolo_detect": "data.train=8 data.validation=2 data.test=2 data.size=64 model=yolov5p "
    "epochs=3 batch_size=4 device=cpu",
    "word2vec": "epochs=3 dim=16 device=cpu mode=ordered",
    "embedding_analysis": "maps=pca permutations=100 resamples=100 device=cpu",
}
TRAINED = SMALL.keys() - {"embedding_analysis"}  # the others have no checkpoints
# The task, keys beside those above, and words that a run that goes on needs as well.
SHAPES = {name: (name, "", ()) for name in SMALL} | {
    "word2vec max_n=6": ("word2vec", "max_n=6 bucket=20000", ()),
    "unet_segment --nproc 2": ("unet_segment", "", ("--nproc", "2")),
    "cnn_classify --nproc 2": ("cnn_classify", "", ("--nproc", "2")),
}


@dataclass
class Row:
    """What came of one configuration."""

    kills: int = 0
    different: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def environment(cache: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "XDG_CACHE_HOME": str(cache),
    }


def digests(run: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((run / name).read_bytes()).hexdigest()
        for name in WHOLE
        if (run / name).is_file()
    }


def only_run(out: Path) -> Path | None:
    found = sorted(config.parent for config in out.glob("*/2*/config.yaml"))
    return found[-1] if found else None


@dataclass
class Undisturbed:
    """A run that nothing disturbed: its words, how long it took, and what came of it."""

    words: list[str]
    extra: list[str]
    seconds: float
    digests: dict[str, str]


def undisturbed(calls: Calls, name: str, place: Path, row: Row) -> Undisturbed | None:
    """Do one run from start to end, twice; None, and the reason in the row, if it fails.

    The first one loads the modules, and the second one is timed.
    """
    task, keys, extra = SHAPES[name]
    words = ["run", task, *SMALL[task].split(), *keys.split()]
    words += ["checkpoint_seconds=0"] * (task in TRAINED)
    calls.finish([*words, *extra, "--out", str(place / "first")], environment(place / "first"))
    begun = time.monotonic()
    again = [*words, *extra, "--out", str(place / "runs")]
    code, lines = calls.finish(again, environment(place / "cache"))
    run = only_run(place / "runs")
    if code or run is None:
        row.failed.append(f"undisturbed, exit {code}: {lines[-1:]}")
        return None
    return Undisturbed(words, list(extra), time.monotonic() - begun, digests(run))


def disturb(calls: Calls, known: Undisturbed, place: Path, row: Row, draw: random.Random) -> None:
    """Kill one run some times, finish it, and compare."""
    out, env = place / "runs", environment(place / "cache")
    for _ in range(draw.randint(2, 4)):
        if not calls.kill(continued(known, out), env, draw.uniform(0.0, known.seconds)):
            break
        row.kills += 1
    code, lines = calls.finish(continued(known, out), env)
    # The workers of a launcher that was killed end a moment later.
    while code == 2 and "in use by process" in "".join(lines):
        time.sleep(1)
        code, lines = calls.finish(continued(known, out), env)
    run = only_run(out)
    if code or run is None:
        row.failed.append(f"exit {code}: {lines[-1:]}")
        return
    if digests(run) != known.digests:
        row.different.append(str(run))
    for pattern in LEFT:
        row.left_over += [str(path) for path in place.rglob(pattern)]


def continued(known: Undisturbed, out: Path) -> list[str]:
    """Return the words that go on with the run in a folder, or begin it."""
    run = only_run(out)
    begun = ["run", "--resume", str(run)] if run else [*known.words, "--out", str(out)]
    return [*begun, *known.extra]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=SHAPES, help="one configuration")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    rows = {name: Row() for name in SHAPES if options.only in (None, name)}
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-runs-") as folder:
        calls = Calls(Path(folder))
        places = {name: Path(folder) / name.replace(" ", "_") for name in rows}
        found = {name: undisturbed(calls, name, places[name], rows[name]) for name in rows}
        known = {name: each for name, each in found.items() if each}
        for turn in range(10 * options.kills if known else 0):
            if sum(row.kills for row in rows.values()) >= options.kills:
                break
            name = list(known)[turn % len(known)]
            place = places[name].with_name(f"{places[name].name}-{turn}")
            disturb(calls, known[name], place, rows[name], draw)
            print(f"{name}: {rows[name]}", file=sys.stderr, flush=True)
    problems = report(rows)
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if problems else 0


def report(rows: dict[str, Row]) -> int:
    print(f"{'':24} {'kills':>6} {'different':>10} {'left over':>10} {'failed':>7}")
    for name, row in rows.items():
        print(
            f"{name:24} {row.kills:6} {len(row.different):10} {len(row.left_over):10} "
            f"{len(row.failed):7}"
        )
        for line in (*row.different, *row.left_over, *row.failed):
            print(f"    {line}")
    whole = Row(sum(row.kills for row in rows.values()))
    bad = sum(len(row.different + row.left_over + row.failed) for row in rows.values())
    print(f"{whole.kills} kills, {bad} problems")
    return bad


if __name__ == "__main__":
    sys.exit(main())
