"""Time programs from JSON files to the twelve numbers, each in a process of its own.

python benchmarks/map_files.py PROGRAM INSTANCES RESULTS    # one program, once
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from map_peers import PEERS

OURS = "ours"


def from_files(truth: str, found: str) -> np.ndarray:
    """Return our twelve numbers."""
    from nntasks.plugins.yolo_detect.data.coco_arrays import (
        flat_records,
        read_instances,
        read_results,
    )
    from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.evaluation import evaluate

    instances, results = read_instances(Path(truth)), read_results(Path(found))
    assert instances is not None
    assert results is not None
    records = flat_records(instances, results)
    assert records is not None
    numbers = evaluate(records, len(instances.category_names)).summary()
    return np.nan_to_num(np.array(list(numbers.values())), nan=-1)


def import_program(program: str) -> None:
    """Import what a program needs, so that this counts for nobody."""
    if program == OURS:
        with tempfile_of_nothing() as (truth, found):
            from_files(truth, found)
    else:
        with tempfile_of_nothing() as (truth, found):
            PEERS[program](truth, found)()


def tempfile_of_nothing():  # type: ignore[no-untyped-def]
    """A context with two small files of COCO."""
    import contextlib
    import tempfile

    @contextlib.contextmanager
    def files():  # type: ignore[no-untyped-def]
        image = {"id": 1, "width": 9, "height": 9, "file_name": "1.jpg"}
        box = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5]}
        truth = {
            "info": {},
            "images": [image],
            "categories": [{"id": 1, "name": "a"}],
            "annotations": [{**box, "id": 1, "iscrowd": 0, "area": 25}],
        }
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, name) for name in ("truth.json", "found.json")]
            paths[0].write_text(json.dumps(truth))
            paths[1].write_text(json.dumps([{**box, "score": 0.5}]))
            yield tuple(map(str, paths))

    return files()


def megabytes() -> float:
    """Return the most memory that this process ever had."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # ru_maxrss of Linux would be that of the parent, whose memory the process had for a moment.
    (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def once(program: str, truth: str, found: str) -> dict[str, object]:
    """Run a program; return seconds, processor seconds, memory and numbers."""
    import_program(program)
    before, start, processor = megabytes(), time.perf_counter(), time.process_time()
    numbers = from_files(truth, found) if program == OURS else PEERS[program](truth, found)()
    return {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - processor,
        "memory": megabytes(),
        "added": megabytes() - before,
        "numbers": np.asarray(numbers, dtype=float).tolist(),
    }


def time_files(truth: Path, found: Path, rounds: int, peers: list[str]) -> None:
    """Let the programs take turns and print medians; those that are not installed are left out."""
    taken: dict[str, list[dict[str, object]]] = {name: [] for name in (OURS, *peers)}
    for _ in range(rounds):
        for name in [*taken]:
            command = [sys.executable, __file__, name, str(truth), str(found)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"  {name} is left out: {done.stderr.strip().splitlines()[-1]}")
                del taken[name]
                continue
            taken[name].append(json.loads(done.stdout.splitlines()[-1]))
    ours = np.array(taken[OURS][0]["numbers"])
    seconds = statistics.median(one["seconds"] for one in taken[OURS])  # type: ignore[type-var]
    for name, runs in taken.items():
        wall, processor, memory, added = (
            statistics.median(one[key] for one in runs)  # type: ignore[type-var]
            for key in ("seconds", "processor", "memory", "added")
        )
        apart = np.abs(np.array(runs[0]["numbers"]) - ours).max()
        print(
            f"  {name:22s} {wall:7.3f} s ({processor:.3f} s of processors) {wall / seconds:6.2f} x "
            f"our time  {memory:6.0f} MB ({added:.0f})  differs by {apart:.1e}"
        )


if __name__ == "__main__":
    print(json.dumps(once(*sys.argv[1:])))
