"""Time detection, from photograph file to final boxes: every backend against eager PyTorch.

    python benchmarks/bench_yolo_inference.py                       # data in ../shared/data
    python benchmarks/bench_yolo_inference.py --data FOLDER --backends auto onednn --rounds 30
    python benchmarks/bench_yolo_inference.py --threads 1 --clock cpu    # on a busy machine

FOLDER holds `yolov5n/yolov5n.safetensors` and the photographs that
`yolov5n/reference_detections.json` names; else NNTASKS_DATA names it.

The peer is what can be written in plain PyTorch: the same network, batch norms folded, eager and
contiguous; PIL reads, `torchvision.ops.batched_nms` suppresses. It shares our letterbox and our
choice of candidates, which decodes only rows above the threshold, so that what is compared is the
network, NMS and the glue. Ours is the public call, `Detector.detect`, checks included; `folder` is
`Detector.detect_all` over the photographs four times, against the peer's loop over them. All take
turns, photograph by photograph, and medians per photograph are given. Opening a backend is timed
apart, once. On CPU, 640 x 640, confidence 0.25, IoU 0.45.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import core.ops
from core.errors import MissingError
from plugins.yolo_detect.backends import BACKENDS
from plugins.yolo_detect.detector import Detected, Detector
from plugins.yolo_detect.fusing import fused
from plugins.yolo_detect.letterbox import fit_square
from plugins.yolo_detect.network import YoloV5
from plugins.yolo_detect.postprocessing import select
from plugins.yolo_detect.samples import Detections
from plugins.yolo_detect.weights import load_weights, network_for

ROOT = Path(__file__).resolve().parents[1]
SIZE, CONFIDENCE, IOU, MOST = 640, 0.25, 0.45, 300
GOAL = 2.0
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
FOLDER_REPEATS = 4


class Peer:
    """Plain PyTorch."""

    def __init__(self, network: YoloV5) -> None:
        self.network = fused(network).to(memory_format=torch.contiguous_format)

    @torch.inference_mode()
    def forward(self, pixels: Tensor) -> list[Tensor]:
        return self.network((pixels.float() / 255).contiguous())

    @torch.inference_mode()
    def detect(self, path: Path) -> Detections:
        from torchvision.ops import batched_nms

        with Image.open(path) as file:
            image = np.asarray(ImageOps.exif_transpose(file).convert("RGB"))
        square, letterbox = fit_square(image, SIZE)
        raw = self.forward(torch.from_numpy(square).permute(2, 0, 1)[None])
        found = select(raw, self.network.head.anchors, confidence=CONFIDENCE, multi_label=False)
        kept = batched_nms(found.boxes, found.scores, found.labels, IOU)[:MOST]
        found = found[kept]
        return Detections(
            letterbox.to_original(found.boxes.double().numpy()),
            found.scores.double().numpy(),
            found.labels.numpy(),
        )


def interleaved(
    calls: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Return seconds by name; the calls take turns, after one round that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            start = clock()
            call()
            if turn:
                times[name].append(clock() - start)
    return times


def differences(ours: Sequence[Detections], theirs: Sequence[Detections]) -> tuple[float, ...]:
    """Return the largest differences in score and box (pixels), and how many boxes have no match.

    Every box of the peer is compared with the nearest free one of ours of its class.
    """
    score, box, unmatched = 0.0, 0.0, 0
    for mine, peer in zip(ours, theirs, strict=True):
        free = set(range(len(mine.labels)))
        for corners, value, label in zip(peer.boxes, peer.scores, peer.labels, strict=True):
            same = [index for index in free if mine.labels[index] == label]
            if not same:
                unmatched += 1
                continue
            offsets = {index: float(np.abs(mine.boxes[index] - corners).max()) for index in same}
            best = min(same, key=offsets.__getitem__)
            free.remove(best)
            score, box = max(score, abs(mine.scores[best] - value)), max(box, offsets[best])
        unmatched += len(free)
    return score, box, unmatched


def open_all(names: Sequence[str], network: YoloV5) -> dict[str, Detector]:
    """Open the detectors, print how long each took, pass over what is missing."""
    detectors = {}
    for name in names:
        start = time.perf_counter()
        try:
            detectors[name] = Detector(
                network, image_size=SIZE, confidence=CONFIDENCE, iou=IOU, max_detections=MOST,
                backend=name,
            )  # fmt: skip
        except MissingError as error:
            print(f"  {name}: left out; {error}")
            continue
        chosen = detectors[name].backend.name
        print(f"  {name:14s} opened in {time.perf_counter() - start:6.2f} s", end="")
        print(f", is {chosen}" if chosen != name else "")
    return detectors


def row(name: str, seconds: list[float], peer: list[float], count: int, note: str = "") -> float:
    """Print milliseconds per photograph and the ratio to the peer; return the ratio."""
    mine, theirs = statistics.median(seconds) / count, statistics.median(peer) / count
    spread = f"({min(seconds) / count * 1e3:.1f}..{max(seconds) / count * 1e3:.1f})"
    ratio = theirs / mine
    print(f"  {name:14s} {mine * 1e3:7.1f} ms  {spread:18s} {ratio:5.2f} x peer{note}")
    return ratio


def measure_files(
    peer: Peer, detectors: dict[str, Detector], files: Sequence[Path], rounds: int, clock: str
) -> None:
    expected = [peer.detect(file) for file in files]
    times: dict[str, list[float]] = {}
    for file in files:
        calls: dict[str, Callable[[], object]] = {"peer": lambda file=file: peer.detect(file)}  # type: ignore[misc]
        for name, detector in detectors.items():
            calls[name] = lambda file=file, detector=detector: detector.detect(file)  # type: ignore[misc]
        for name, seconds in interleaved(calls, rounds, CLOCKS[clock]).items():
            times.setdefault(name, []).extend(seconds)
    print(f"\nphotograph file to final boxes, {sum(len(e.labels) for e in expected)} boxes")
    row("peer", times["peer"], times["peer"], 1)
    for name, detector in detectors.items():
        score, box, unmatched = differences([detector.detect(f) for f in files], expected)
        note = f"; score {score:.1e}, box {box:.1e} px, {unmatched} without match"
        ratio = row(name, times[name], times["peer"], 1, note)
        if name == "auto":
            print(f"  goal for auto, >= {GOAL:g} x: {'met' if ratio >= GOAL else 'NOT met'}")


def measure_forward(
    peer: Peer, detectors: dict[str, Detector], file: Path, rounds: int, clock: str
) -> None:
    with Image.open(file) as image:
        square, _ = fit_square(np.asarray(image.convert("RGB")), SIZE)
    pixels = torch.from_numpy(square).permute(2, 0, 1)[None]
    calls: dict[str, Callable[[], object]] = {"peer": lambda: peer.forward(pixels)}
    for name, detector in detectors.items():
        calls[name] = lambda detector=detector: detector.backend(pixels)  # type: ignore[misc]
    times = interleaved(calls, rounds, CLOCKS[clock])
    print("\nforward pass alone, bytes to logits")
    for name, seconds in times.items():
        row(name, seconds, times["peer"], 1)


def measure_folder(
    peer: Peer, detectors: dict[str, Detector], files: Sequence[Path], rounds: int, clock: str
) -> None:
    many = list(files) * FOLDER_REPEATS

    def all_of(detector: Detector) -> list[Detections]:
        return [r.found for r in detector.detect_all(many) if isinstance(r, Detected)]

    calls: dict[str, Callable[[], object]] = {"peer": lambda: [peer.detect(f) for f in many]}
    for name, detector in detectors.items():
        calls[name] = lambda detector=detector: all_of(detector)  # type: ignore[misc]
    times = interleaved(calls, rounds, CLOCKS[clock])
    print(f"\nfolder of {len(many)} photographs, per photograph")
    for name, seconds in times.items():
        row(name, seconds, times["peer"], len(many))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("NNTASKS_DATA") or ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--backends", nargs="+", default=["auto", *BACKENDS], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    folder = arguments.data / "yolov5n"
    if not folder.is_dir():
        parser.error(f"{folder} is no folder; give --data or set NNTASKS_DATA")
    images = json.loads((folder / "reference_detections.json").read_text())["images"]
    files = [arguments.data / image["file"] for image in images]
    network = network_for(load_weights(folder / "yolov5n.safetensors"))
    print(
        f"torch {torch.__version__}, {arguments.threads} threads, {arguments.clock} time, "
        f"NMS {core.ops.active()}, load {os.getloadavg()[0]:.1f}"
    )
    detectors = open_all(arguments.backends, network)
    peer = Peer(network)
    options = (arguments.rounds, arguments.clock)
    measure_forward(peer, detectors, files[0], *options)
    measure_files(peer, detectors, files, *options)
    measure_folder(peer, detectors, files, max(arguments.rounds // 5, 3), arguments.clock)
    print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
