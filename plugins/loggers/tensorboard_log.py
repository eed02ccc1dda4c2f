"""TensorBoard: event files in the run's folder, which tensorboard --logdir shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks import LoggedRun, Logger

FOLDER = "tensorboard"  # in the run's folder


class TensorBoardLogger(Logger):
    """Event files in `RUN/tensorboard`.

    A resumed run writes a further file. It begins with a mark that makes TensorBoard drop the
    steps which are repeated.
    """

    def __init__(self, run: LoggedRun) -> None:
        super().__init__(run)
        from torch.utils.tensorboard import SummaryWriter

        self._place = str(run.folder / FOLDER)
        self._writer = SummaryWriter(self._place, purge_step=run.next_step)
        if not run.next_step:
            self._writer.add_text("configuration", _table(run.config), 0)
            self._writer.flush()
        self._last = max(run.next_step - 1, 0)

    def scalars(self, step: int, epoch: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._last = step

    def flush(self) -> None:
        self._writer.flush()

    def pictures(self, step: int, files: Mapping[str, Path]) -> None:
        import numpy as np
        from PIL import Image

        for name, path in files.items():
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
            self._writer.add_image(f"figures/{name}", pixels, step, dataformats="HWC")

    def finish(self, summary: Mapping[str, Any], files: Sequence[Path]) -> None:
        """Add the metrics, and configuration and metrics for the tab of hyperparameters."""
        metrics = {
            f"test/{name}": float(value)
            for name, value in summary["metrics"].items()
            if value is not None
        }
        keys = {key: _plain(value) for key, value in self.run.config.items()}
        # It writes the metrics, too, and a file of its own in the folder "." below this one.
        self._writer.add_hparams(keys, metrics, run_name=".", global_step=self._last)

    def close(self, end: Any) -> None:
        self._writer.close()


def _plain(value: Any) -> bool | int | float | str:
    """Return a value as the tab of hyperparameters takes it."""
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _table(config: Mapping[str, Any]) -> str:
    """Return the keys as a table in Markdown."""
    rows = (f"| {key} | {_escaped(value)} |" for key, value in config.items())
    return "\n".join(("| key | value |", "| --- | --- |", *rows))


def _escaped(value: Any) -> str:
    return str(value).replace("|", r"\|")
