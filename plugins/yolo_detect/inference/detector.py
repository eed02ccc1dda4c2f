"""Detection of objects in photographs, as `predict` does it: many images at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nntasks.errors import UsageError
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.inference.arithmetic import Choice
from nntasks.plugins.yolo_detect.inference.backends import open_backend
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox, fit_square
from nntasks.plugins.yolo_detect.inference.nms_rule import SoftNms, rule_for_display
from nntasks.plugins.yolo_detect.inference.postprocessing import detect
from nntasks.plugins.yolo_detect.model import YoloModel
from nntasks.plugins.yolo_detect.network import YoloV5
from nntasks.plugins.yolo_detect.samples import Detections
from nntasks.training.thread_count import single_thread

_MOST_WORKERS = 8  # each worker holds the feature maps of one image
_AHEAD = 2  # images per worker that are started in advance

_LARGEST_NOTED = 32 * 2**20 - 2**16  # bytes: DEFAULT_MMAP_THRESHOLD_MAX of glibc, less a margin

Source = np.ndarray | Path


@dataclass(frozen=True)
class Detected:
    """An image and its detections.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        found: by descending score, in pixels of the image.
    """

    image: np.ndarray
    found: Detections


@dataclass(frozen=True)
class _Prepared:
    image: np.ndarray
    pixels: Tensor  # (1, 3, S, S) uint8
    letterbox: Letterbox


class Detector:
    """A network with pre- and postprocessing.

    Args:
        network: trained; it is copied, so later training does not change the detector.
        image_size: side of the network's input, a multiple of 32.
        confidence: threshold of objectness and score.
        iou: IoU threshold of NMS within a class, or the rule of soft-NMS.
        max_detections: largest number of boxes per image.
        backend: a name or a `Choice`; see `backends.open_backend`.
        device: the computing device.

    Raises:
        UsageError, MissingError: the backend cannot be opened.
    """

    def __init__(
        self,
        network: YoloV5,
        *,
        image_size: int,
        confidence: float,
        iou: float | SoftNms,
        max_detections: int,
        backend: str | Choice = "auto",
        device: torch.device | str = "cpu",
    ) -> None:
        self.backend = open_backend(backend, network, image_size, device)
        _keep_heap()
        self._anchors = network.head.anchors.detach().to(device, copy=True)
        self._limits: dict[str, Any] = {
            "confidence": confidence,
            "iou": iou,
            "max_detections": max_detections,
        }

    @classmethod
    def of(cls, model: YoloModel, config: YoloConfig) -> Detector:
        """Return the detector of a model, with the thresholds and backend of a configuration."""
        return cls(
            model.module,
            image_size=model.image_size,
            confidence=config.confidence,
            iou=rule_for_display(config),
            max_detections=config.max_detections,
            backend=Choice(config.backend, config.backend_precision),
            device=model.device,
        )

    def detect(self, source: Source) -> Detections:
        """Find the objects of one image: (H, W, 3) uint8 RGB, or a file.

        Returns:
            boxes by descending score, in pixels of the image; at most one per output row.

        Raises:
            UsageError: the file cannot be read, or the array is no such image.
        """
        with self._threads():
            return self._finished(_prepared(source, self.backend.size)).found

    def detect_all(
        self, sources: Iterable[Source], *, workers: int | None = None
    ) -> Iterator[Detected | UsageError]:
        """Find the objects of many images, in the given order; yield each as soon as it is ready.

        While the caller works on one image, threads read and compute the next ones, one image
        each, which is more efficient than many threads on one image. (A backend that is not
        `concurrent` computes in the caller's thread.) Work starts with the first request. The
        boxes are those of `detect`, up to float32 rounding.

        Args:
            sources: images (H, W, 3) uint8 RGB, or files.
            workers: threads, each with its own image; None for as many as torch has, at most eight.

        Yields:
            the image and boxes of each source, or the error if a file cannot be read.
        """
        threads = torch.get_num_threads()
        count = min(threads, _MOST_WORKERS) if workers is None else workers
        if count < 1:
            raise ValueError(f"expected at least one worker, got {workers}")
        remaining = iter(sources)
        first = list(islice(remaining, _AHEAD * count))
        if len(first) == 1:  # a single worker gets all cores
            alone = self._begun(first[0])
            yield self._finished(alone) if isinstance(alone, _Prepared) else alone
            return
        with _workers(count, max(threads // count, 1)) as pool:
            waiting: deque[Future[Detected | _Prepared | UsageError]] = deque(
                pool.submit(self._begun, source) for source in first
            )
            while waiting:
                begun = waiting.popleft().result()
                for source in islice(remaining, 1):
                    waiting.append(pool.submit(self._begun, source))
                yield self._finished(begun) if isinstance(begun, _Prepared) else begun

    def _begun(self, source: Source) -> Detected | _Prepared | UsageError:
        """Do a worker's part: everything, or only reading if the network is not concurrent."""
        try:
            prepared = _prepared(source, self.backend.size)
        except UsageError as error:
            return error
        return self._finished(prepared) if self.backend.concurrent else prepared

    @torch.inference_mode()
    def _finished(self, prepared: _Prepared) -> Detected:
        with self._threads():
            found = detect(
                self.backend(prepared.pixels),
                self._anchors,
                multi_label=False,
                letterboxes=[prepared.letterbox],
                **self._limits,
            )
        return Detected(prepared.image, found[0])

    def _threads(self) -> AbstractContextManager[None]:
        """Give torch one thread where the backend has threads of its own.

        After each operation torch's threads wait for the next one on a busy core for milliseconds,
        in which the backend's thread on that core cannot begin.
        """
        return single_thread() if self.backend.own_threads else nullcontext()


def _keep_heap() -> None:
    """Make the process keep the memory of feature maps from one image to the next.

    glibc returns freed memory to the system once twice the largest block ever freed is idle. Page
    faults at the next image then cost 5 ms of a photograph's 40 ms. Freeing a block of the largest
    size that glibc tracks raises that limit to 64 MiB. Other C libraries are not affected.
    """
    torch.empty(_LARGEST_NOTED, dtype=torch.uint8)


def _prepared(source: Source, size: int) -> _Prepared:
    image = _checked(source) if isinstance(source, np.ndarray) else read_image(Path(source))
    square, letterbox = fit_square(image, size)
    return _Prepared(image, torch.from_numpy(square).permute(2, 0, 1)[None], letterbox)


def _checked(image: np.ndarray) -> np.ndarray:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UsageError(
            "expected an image (H, W, 3) of uint8 with at least one pixel, got "
            f"{image.shape} of {image.dtype}"
        )
    return image


@contextmanager
def _workers(count: int, threads: int) -> Iterator[ThreadPoolExecutor]:
    """Open a pool of `count` workers in which torch's operations use `threads` threads each."""
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(
        count, "detect", initializer=torch.set_num_threads, initargs=(threads,)
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)
