"""The pictures of the docs: `python docs/site/screenshots.py`, which `make screenshots` calls.

Trains the default runs, opens their reports in a headless Chromium, and writes WebP files of at
most 150 kB into docs/images. `--quick` trains for seconds only, to try the script out; `--runs`
keeps the runs, and does not train again what is there.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

import nntasks as nt

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 150_000
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUICK: dict[str, dict[str, Any]] = {
    "yolo_detect": {"epochs": 1, "data_options": {"train": 8, "validation": 2, "test": 4}},
    "unet_segment": {
        "epochs": 1,
        "width": 4,
        "depth": 2,
        "batch_size": 8,
        "data_options": {"size": 32, "train": 16, "validation": 4, "test": 6},
    },
    "cnn_classify": {"epochs": 1},
    "embedding_analysis": {"maps": "pca"},
}


@dataclass(frozen=True)
class Shot:
    """A picture of a page of a run: the file, the one section to show, and the window."""

    task: str
    page: str = "report.html"
    section: str = ""
    width: int = 1100
    height: int = 760


SHOTS = {
    "report": Shot("yolo_detect", height=900),
    "detections": Shot("yolo_detect", section="images", height=860),
    "masks": Shot("unet_segment", section="gallery", height=620),
    "word-map": Shot("embedding_analysis", "map.html"),
}
FIGURES = {"grad-cam": ("cnn_classify", "grad_cam.png")}


def browser() -> str:
    """Return the path of Chromium; end with exit code 3 where there is none."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        print("screenshots need chromium; run: apt-get install chromium", file=sys.stderr)
        sys.exit(3)
    return found


def train(runs: Path, keys: Mapping[str, Mapping[str, Any]]) -> None:
    """Train each task whose run is not there."""
    for task, own in keys.items():
        if not (runs / task / "latest" / "report.html").exists():
            nt.run(task, out=runs, **own)


def photograph(program: str, shot: Shot, runs: Path, to: Path) -> None:
    """Write what a window of the browser shows of a page, as WebP."""
    with tempfile.TemporaryDirectory() as folder:
        picture, page = Path(folder) / "shot.png", Path(folder) / "page.html"
        text = (runs / shot.task / "latest" / shot.page).read_text(encoding="utf-8")
        if shot.section:
            hidden = f"header, nav, section:not(#{shot.section}) {{ display: none !important }}"
            text = _POLICY.sub("", text)  # it forbids styles that the page did not come with
            text = text.replace("</head>", f"<style>{hidden}</style></head>", 1)
        page.write_text(text, encoding="utf-8")
        command = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--hide-scrollbars",
            "--virtual-time-budget=4000",
            f"--user-data-dir={folder}/profile",
            f"--window-size={shot.width},{shot.height}",
            f"--screenshot={picture}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        write(Image.open(picture), to)


def write(picture: Image.Image, to: Path) -> None:
    """Write a picture, at most 1,100 pixels a side, as the best WebP within `MOST_BYTES`."""
    picture = picture.convert("RGB")
    picture.thumbnail((1100, 1100))
    for quality in (90, 80, 70, 60, 45, 30):
        picture.save(to, quality=quality, method=6)
        if to.stat().st_size <= MOST_BYTES:
            return
    raise ValueError(f"{to.name} has {to.stat().st_size} bytes at the lowest quality")


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="train for seconds only")
    parser.add_argument("--runs", type=Path, help="folder that keeps the runs")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    chosen = parser.parse_args()
    program = browser()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        runs = chosen.runs or Path(folder)
        train(runs, QUICK if chosen.quick else {task: {} for task in QUICK})
        for name, shot in SHOTS.items():
            photograph(program, shot, runs, chosen.out / f"{name}.webp")
        for name, (task, figure) in FIGURES.items():
            write(
                Image.open(runs / task / "latest" / "figures" / figure), chosen.out / f"{name}.webp"
            )


if __name__ == "__main__":
    main()
