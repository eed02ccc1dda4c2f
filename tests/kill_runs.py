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
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHOLE = ("checkpoints/final/model.safetensors", "metrics.jsonl", "items.csv")
LEFT = (".*.tmp", ".lock", ".unpacking-*", ".encoding-*")

SMALL = {
    "numpy_mlp": "data=xor data.points=256 layers=8 epochs=12 batch_size=16",
    "cnn_classify": "data=digits epochs=2 model=alexnet_small device=cpu",
    "unet_segment": "data=blobs data.train=8 data.validation=2 data.test=2 data.size=16 depth=1 "
    "width=4 epochs=6 batch_size=2 device=cpu",
    "yolo_detect": "data.train=8 data.validation=2 data.test=2 data.size=64 model=yolov5p "
    "epochs=3 batch_size=4 device=cpu",
    "word2vec": "epochs=3 dim=16 device=cpu mode=ordered",
}


@dataclass
class Row:
    """What came of one configuration."""

    kills: int = 0
    different: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "nntasks", "run", *words]


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


def finish(words: list[str], env: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(command(*words), env=env, cwd=ROOT, capture_output=True, check=False)
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return done.returncode, lines[-1] if lines else ""


def kill(words: list[str], env: dict[str, str], seconds: float) -> bool:
    """Start a run and kill its process after so many seconds; return whether it was at work."""
    process = subprocess.Popen(
        command(*words), env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def disturb(
    words: list[str],
    extra: list[str],
    expected: dict[str, str],
    longest: float,
    place: Path,
    row: Row,
    draw: random.Random,
) -> None:
    """Kill one run some times, finish it, and compare."""
    out, env = place / "runs", environment(place / "cache")
    for _ in range(draw.randint(1, 3)):
        run = only_run(out)
        begun = ["--resume", str(run)] if run else [*words, "--out", str(out)]
        if not kill([*begun, *extra], env, draw.uniform(0.2, longest)):
            break
        row.kills += 1
    run = only_run(out)
    begun = ["--resume", str(run)] if run else [*words, "--out", str(out)]
    code, line = finish([*begun, *extra], env)
    while code == 2 and "in use by process" in line:  # the workers of a launcher that was killed
        time.sleep(1)
        code, line = finish([*begun, *extra], env)
    run = only_run(out)
    if code or run is None:
        row.failed.append(f"exit {code}: {line}")
        return
    if digests(run) != expected:
        row.different.append(str(run))
    for pattern in LEFT:
        row.left_over += [str(path) for path in place.rglob(pattern)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="name of one configuration")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    shapes = [(task, task, []) for task in SMALL]
    shapes.append(("unet_segment", "unet_segment --nproc 2", ["--nproc", "2"]))
    shapes = [shape for shape in shapes if options.only in (None, shape[1])]
    rows = {name: Row() for _, name, _ in shapes}
    with tempfile.TemporaryDirectory(prefix="kill-runs-") as folder:
        known = {}
        for task, name, extra in shapes:
            words = [task, *SMALL[task].split(), "checkpoint_seconds=0"]
            place = Path(folder) / name.replace(" ", "_")
            begun = time.monotonic()
            code, line = finish(
                [*words, *extra, "--out", str(place / "runs")], environment(place / "cache")
            )
            if code:
                rows[name].failed.append(f"undisturbed, exit {code}: {line}")
                continue
            known[name] = (words, digests(only_run(place / "runs")), time.monotonic() - begun)
        turn = 0
        while known and sum(row.kills for row in rows.values()) < options.kills:
            task, name, extra = shapes[turn % len(shapes)]
            if name in known:
                words, expected, seconds = known[name]
                place = Path(folder) / f"{name.replace(' ', '_')}-{turn}"
                disturb(words, extra, expected, seconds, place, rows[name], draw)
                print(f"{name}: {rows[name]}", file=sys.stderr, flush=True)
            turn += 1
            if turn > 10 * options.kills:
                break
    return report(rows)


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
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
