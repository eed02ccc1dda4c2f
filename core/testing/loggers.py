"""Checks of a logger: the log of a run that is stopped, resumed and finished, or that fails."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from nntasks.interfaces.logger import End, LoggedRun, Logger

_METRICS = {"accuracy": 0.5, "undefined": None}


def check_logger(make: Callable[[LoggedRun], Logger]) -> None:
    """Check that a logger takes everything that a run hands over, in the order in which it comes.

    Numbers may be NaN or infinite. A logger is made again for a resumed run, with the first step
    that it repeats, and is closed however the run ends.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "20260101-000000-abcdef")
        (folder / "figures").mkdir(parents=True)
        config = {"lr": 0.1, "norm": None, "layers": [64, 10], "data.size": 8}
        ends: tuple[tuple[int, End], ...] = ((0, "interrupted"), (2, "finished"), (4, "failed"))
        for next_step, end in ends:
            _log(make(LoggedRun("check", folder, config, next_step)), folder, end)


def _log(logger: Logger, folder: Path, end: End) -> None:
    first = logger.run.next_step
    logger.scalars(first, 0.5, {"train/loss": float("nan"), "train/lr": 0.1})
    logger.scalars(first + 1, 1.0, {"train/loss": float("inf"), "train/lr": 0.1})
    logger.scalars(first + 1, 1.0, {"validation/accuracy": 0.25})
    logger.flush()
    if end == "finished":
        picture, summary = folder / "figures" / "a.png", folder / "summary.json"
        picture.write_bytes(_png())
        summary.write_text("{}\n", encoding="utf-8")
        logger.pictures(first + 1, {"a": picture})
        logger.finish({"task": "check", "metrics": _METRICS}, [summary])
    logger.close(end)


def _png() -> bytes:
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (4, 3)).save(data, "PNG")
    return data.getvalue()
