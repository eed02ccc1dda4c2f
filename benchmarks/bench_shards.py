"""mAP of 100,000 synthetic images in shards: the same bits as one process, and the memory of each.

    python benchmarks/bench_shards.py [--images 100000] [--shards 4]

Every part runs in a process of its own, whose largest memory the system tells.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CLASSES = 20
BATCH = 100
SIDE = 640.0


def batch_of(first: int, count: int):
    """Return detections, objects and ids of `count` images: 6 objects, 12 detections each."""
    from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth

    rng = np.random.default_rng([7, first])
    corner = rng.uniform(0, SIDE * 0.8, (count, 6, 2))
    size = rng.uniform(8, SIDE * 0.2, (count, 6, 2))
    true = np.concatenate([corner, corner + size], -1)
    labels = rng.integers(0, CLASSES, (count, 6))
    found = np.concatenate([true, true], 1) + rng.normal(0, 4, (count, 12, 4))
    found[..., 2:] = np.maximum(found[..., 2:], found[..., :2] + 1)
    guessed = np.concatenate([labels, rng.integers(0, CLASSES, (count, 6))], 1)
    scores = -np.sort(-rng.random((count, 12)), 1)
    detections = [Detections(*three) for three in zip(found, scores, guessed, strict=True)]
    areas, crowd = size.prod(-1), np.zeros((count, 6), bool)
    truths = [GroundTruth(*four) for four in zip(true, labels, crowd, areas, strict=True)]
    return detections, truths, list(range(first, first + count))


def fresh():
    from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric

    return DetectionMetric([f"class{number}" for number in range(CLASSES)])


def measured(images: int, part: int, shards: int):
    metric = fresh()
    for position in range(part, images // BATCH, shards):
        metric.update(*batch_of(position * BATCH, BATCH))
    return metric


def work(words: list[str]) -> None:
    """Do one part in this process, and print what it found and took."""
    from nntasks.runner.shard_files import merge_shard, write_shard

    begun = time.perf_counter()
    what, images, shards, folder, *part = words
    values = {}
    if what == "alone":
        values = measured(int(images), 0, 1).compute()
    elif what == "shard":
        metric = measured(int(images), int(part[0]), int(shards))
        write_shard(Path(folder) / f"{part[0]}.safetensors", {}, {"detection": metric})
    else:
        metric = fresh()
        for number in range(int(shards)):
            merge_shard(Path(folder) / f"{number}.safetensors", {"detection": metric})
        values = metric.compute()
    bits = {name: np.float64(value).tobytes().hex() for name, value in values.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - begun
    print(json.dumps({"bits": bits, "map": values.get("map50_95"), "mib": peak, "s": seconds}))


def part_of(*words: object) -> dict:
    command = [sys.executable, __file__, "--part", *map(str, words)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        work(asked.part)
        return
    with tempfile.TemporaryDirectory() as folder:
        given = (asked.images, asked.shards, folder)
        alone = part_of("alone", *given)
        shards = [part_of("shard", *given, number) for number in range(asked.shards)]
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        merged = part_of("merge", *given)
    print(f"{asked.images:,} images, {12 * asked.images:,} detections, {asked.shards} shards")
    print(f"one process   {alone['s']:6.1f} s  {alone['mib']:6.0f} MiB  mAP {alone['map']!r}")
    for number, found in enumerate(shards, 1):
        print(f"shard {number}/{asked.shards}     {found['s']:6.1f} s  {found['mib']:6.0f} MiB")
    print(f"merge         {merged['s']:6.1f} s  {merged['mib']:6.0f} MiB  mAP {merged['map']!r}")
    print(f"files         {size:.0f} MiB in all")
    same = alone["bits"] == merged["bits"]
    print(f"{len(alone['bits'])} numbers: {'the same bits' if same else 'DIFFERENT'}")
    print(f"memory of a shard / of one process: {shards[0]['mib'] / alone['mib']:.2f}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
