"""deterministic=threads: the same bytes with 1, 2 and 4 threads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from command_line import ROOT, cli_environment

from nntasks.training.config import TrainingConfig
from nntasks.training.thread_count import one_thread

TINY = {
    "cnn_classify": ["epochs=1", "data=class_folders", "batch_size=16"],
    "unet_segment": ["epochs=1", "data.train=16", "data.validation=4", "data.test=4"],
    "yolo_detect": [
        "epochs=1",
        "data.train=16",
        "data.validation=4",
        "data.test=8",
        "data.size=64",
        "validate_every=1",
    ],
}
SCRIPT = """
import json, pathlib, sys
from nntasks import runner
import nntasks.report.run_report as report
report.write_report = lambda *words: None
task, keys, out = json.loads(sys.argv[1])
given = dict(key.split("=", 1) for key in keys)
print(runner.start(task, [given], out=pathlib.Path(out), quiet=True).folder)
"""


def kept(task, keys, out, threads):
    """Run a task with so many threads; return what must not depend on them."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([task, keys, str(out)])],
        env=cli_environment(OMP_NUM_THREADS=str(threads)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = Path(done.stdout.strip().splitlines()[-1])
    names = ("checkpoints/final/model.safetensors", "metrics.jsonl", "hashes.jsonl", "items.csv")
    files = {name: (folder / name).read_bytes() for name in names}
    return {**files, "metrics": json.loads((folder / "summary.json").read_text())["metrics"]}


@pytest.mark.slow
@pytest.mark.parametrize("task", TINY)
def test_any_number_of_threads_gives_the_same_bytes(task, tmp_path):
    keys = [*TINY[task], "deterministic=threads"]
    if task == "cnn_classify":
        keys.append(f"data.path={pictures(tmp_path / 'data')}")
    first, *others = (kept(task, keys, tmp_path / str(n), n) for n in (1, 2, 4))
    for other in others:
        assert other.keys() == first.keys()
        assert [name for name in first if first[name] != other[name]] == []


def pictures(folder):
    from PIL import Image

    generator = torch.Generator().manual_seed(0)
    for name, bright in (("dark", 60), ("light", 160)):
        (folder / name).mkdir(parents=True)
        for number in range(40):
            noise = torch.randint(0, 60, (32, 32, 3), generator=generator) + bright
            picture = Image.fromarray(noise.to(torch.uint8).numpy())
            picture.save(folder / name / f"{number}.png")
    return folder


def test_one_thread_lasts_as_long_as_the_block():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with one_thread(TrainingConfig(deterministic="threads")):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
        with one_thread(TrainingConfig()):
            assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
