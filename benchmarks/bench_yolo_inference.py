"""Time detection, from photograph file to final boxes: every backend against eager PyTorch.

    python benchmarks/bench_yolo_inference.py                       # data in ../shared/data
    python benchmarks/bench_yolo_inference.py --data FOLDER --backends auto onednn --rounds 30
    python benchmarks/bench_yolo_inference.py --backends auto auto:bfloat16 openvino:bfloat16
    python benchmarks/bench_yolo_inference.py --threads 1 --clock cpu    # on a busy machine

FOLDER holds `yolov5n/yolov5n.safetensors` and the photographs that
`yolov5n/reference_detections.json` names; else NNTASKS_DATA names it.

The peer is what one writes in plain PyTorch: the same network, batch norms folded, eager and
contiguous; PIL reads, all 25,200 rows of the output are decoded as the published network does it,
`torchvision.ops.batched_nms` suppresses. It shares our letterbox. Ours is the public call,
`Detector.detect`, checks included; `folder` is `Detector.detect_all` over the photographs four
times, against the peer's loop over them. Each has a process of its own, and they take turns, a turn
being all four photographs, one call each; medians over the turns, per photograph, are given.
Opening is timed apart, once. On CPU, 640 x 640, confidence 0.25, IoU 0.45.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from contenders import CLOCKS, Contender, Unable, Works, take_turns
from data_folder import data_folder
from PIL import Image
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nntasks.ops
from nntasks.errors import MissingError
from nntasks.kernel_checks.timing import Row
from nntasks.plugins.yolo_detect.inference.arithmetic import Choice
from nntasks.plugins.yolo_detect.inference.backends import BACKENDS
from nntasks.plugins.yolo_detect.inference.decoding import decode
from nntasks.plugins.yolo_detect.inference.detector import Detected, Detector
from nntasks.plugins.yolo_detect.inference.fusing import fused
from nntasks.plugins.yolo_detect.inference.letterbox import fit_square
from nntasks.plugins.yolo_detect.network import STRIDES, YoloV5
from nntasks.plugins.yolo_detect.samples import Detections
from nntasks.plugins.yolo_detect.weights import load_weights, network_for

SIZE, CONFIDENCE, IOU, MOST = 640, 0.25, 0.45, 300
GOAL = 2.0
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
        from torchvision.ops import batched_nms, box_convert

        with Image.open(path) as file:
            image = np.asarray(file.convert("RGB"))
        square, letterbox = fit_square(image, SIZE)
        raw = self.forward(torch.from_numpy(square).permute(2, 0, 1)[None])
        rows = decode(raw, self.network.head.anchors, STRIDES)[0]
        rows = rows[rows[:, 4] > CONFIDENCE]
        scores, labels = (rows[:, 5:] * rows[:, 4:5]).max(dim=1)
        boxes = box_convert(rows[:, :4], "cxcywh", "xyxy")
        strong = scores > CONFIDENCE
        boxes, scores, labels = boxes[strong], scores[strong], labels[strong]
        kept = batched_nms(boxes, scores, labels, IOU)[:MOST]
        return Detections(
            letterbox.to_original(boxes[kept].double().numpy()),
            scores[kept].double().numpy(),
            labels[kept].numpy(),
        )

    def detect_all(self, paths: Sequence[Path]) -> list[Detections]:
        return [self.detect(path) for path in paths]


class Ours:
    """The public calls."""

    def __init__(self, network: YoloV5, backend: str) -> None:
        self.detector = Detector(
            network,
            image_size=SIZE,
            confidence=CONFIDENCE,
            iou=IOU,
            max_detections=MOST,
            backend=Choice(*backend.split(":")),
        )

    def forward(self, pixels: Tensor) -> object:
        return self.detector.backend(pixels)

    def detect(self, path: Path) -> Detections:
        return self.detector.detect(path)

    def detect_all(self, paths: Sequence[Path]) -> list[Detections]:
        return [r.found for r in self.detector.detect_all(paths) if isinstance(r, Detected)]


def enter(name: str, weights: Path, photograph: Path, threads: int) -> Works:
    """Open the peer, or a backend, in its process."""
    torch.set_num_threads(threads)
    network = network_for(load_weights(weights))
    with Image.open(photograph) as image:
        square, _ = fit_square(np.asarray(image.convert("RGB")), SIZE)
    pixels = torch.from_numpy(square).permute(2, 0, 1)[None]
    try:
        contender = Peer(network) if name == "peer" else Ours(network, name)
    except MissingError as error:
        raise Unable(str(error)) from error
    return {
        "forward": lambda times: [contender.forward(pixels) for _ in range(times)] and None,
        "files": lambda paths: [contender.detect(path) for path in paths],
        "folder": contender.detect_all,
    }


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


def reference_files(data: Path) -> list[Path]:
    """Return the photographs; none where they or the weights are not in a folder."""
    listed = data / "yolov5n" / "reference_detections.json"
    if not listed.is_file():
        return []
    return [data / image["file"] for image in json.loads(listed.read_text())["images"]]


def rows(rounds: int = 15) -> list[Row]:
    """Return the rows of this benchmark in the table of all; none without the data."""
    data = data_folder()
    files = reference_files(data)
    if not files:
        print(f"left out: no yolov5n/reference_detections.json in {data}", file=sys.stderr)
        return []
    common = (data / "yolov5n" / "yolov5n.safetensors", files[0], torch.get_num_threads())
    both = [Contender(name, enter, (name, *common)) for name in ("peer", "auto")]
    many = files * FOLDER_REPEATS
    return [
        Row(
            "predict",
            f"YOLOv5n, {what}",
            statistics.median(times["auto"]) / len(work),
            statistics.median(times["peer"]) / len(work),
            "eager PyTorch",
            GOAL,
        )
        for what, name, work in (
            ("a photograph to boxes", "files", files),
            ("a folder, each", "folder", many),
        )
        for times in [take_turns(both, name, work, rounds)]
    ]


def open_all(names: Sequence[str], arguments: Sequence[object], clock: str) -> list[Contender]:
    """Open the contenders in turn, say how long each took, pass over what is missing."""
    contenders = []
    for name in names:
        try:
            contenders.append(Contender(name, enter, (name, *arguments), clock))
        except Unable as error:
            print(f"  {name}: left out; {error}")
            continue
        print(f"  {name:17s} opened in {contenders[-1].opened_in:6.2f} s")
    return contenders


def print_times(times: dict[str, list[float]], count: int, notes: dict[str, str]) -> None:
    """Print milliseconds per photograph and the ratio to the peer, who comes first."""
    theirs = statistics.median(times["peer"]) / count
    for name, seconds in times.items():
        mine = statistics.median(seconds) / count
        spread = f"({min(seconds) / count * 1e3:.1f}..{max(seconds) / count * 1e3:.1f})"
        ratio = theirs / mine
        line = f"  {name:17s} {mine * 1e3:7.1f} ms  {spread:18s} {ratio:5.2f} x peer"
        print(line + notes.get(name, ""))
        if name == "auto" and notes:
            print(f"  goal for auto, >= {GOAL:g} x: {'met' if ratio >= GOAL else 'NOT met'}")


def measure(contenders: Sequence[Contender], files: Sequence[Path], rounds: int) -> None:
    count = len(files)
    print("\nforward pass alone, bytes to logits (ours: to the feature maps beneath them)")
    print_times(take_turns(contenders, "forward", count, rounds), count, {})
    peer, *ours = contenders
    expected = peer.call("files", files)[1]
    print(f"\nphotograph file to final boxes, {sum(len(e.labels) for e in expected)} boxes")
    notes = {}
    for contender in ours:
        score, box, unmatched = differences(contender.call("files", files)[1], expected)
        notes[contender.name] = f"; score {score:.1e}, box {box:.1e} px, {unmatched} without match"
    print_times(take_turns(contenders, "files", files, rounds), count, notes)
    many = list(files) * FOLDER_REPEATS
    print(f"\nfolder of {len(many)} photographs, per photograph")
    print_times(take_turns(contenders, "folder", many, max(rounds // 3, 3)), len(many), {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--backends", nargs="+", default=["auto", *BACKENDS], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    arguments = parser.parse_args()
    folder, files = arguments.data / "yolov5n", reference_files(arguments.data)
    if not files:
        parser.error(f"{folder} has no reference_detections.json; give --data or set NNTASKS_DATA")
    print(
        f"torch {torch.__version__}, {arguments.threads} threads, {arguments.clock} time, "
        f"NMS {nntasks.ops.active()}, load {os.getloadavg()[0]:.1f}"
    )
    common = (folder / "yolov5n.safetensors", files[0], arguments.threads)
    contenders = open_all(["peer", *arguments.backends], common, arguments.clock)
    measure(contenders, files, arguments.rounds)
    print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
