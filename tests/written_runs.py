"""The folder of a run, written by hand: no training."""

from __future__ import annotations

import json


def write_run(out, name, *, task="toy", metrics=None, tags=(), log="", **keys):
    """Write the folder of a run, finished if it has metrics."""
    run = out / task / name
    run.mkdir(parents=True)
    lines = [f"task: {task}", *(f"{key}: {json.dumps(value)}" for key, value in keys.items())]
    (run / "config.yaml").write_text("\n".join(lines) + "\n")
    if tags:
        (run / "tags.txt").write_text("".join(f"{tag}\n" for tag in tags))
    if log:
        (run / "log.txt").write_text(f"2026-11-23 12:00:00 {log}\n")
    if metrics is not None:
        summary = {
            "task": task,
            "run": name,
            "seed": keys.get("seed", 0),
            "seconds": 1.5,
            "model": "net",
            "data": "clouds",
            "samples": 8,
            "headline": [next(iter(metrics))],
            "metrics": metrics,
            "definitions": {},
        }
        (run / "summary.json").write_text(json.dumps(summary))
    return run
