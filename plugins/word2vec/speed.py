"""How fast a run trained, kept in its folder for comparisons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from nntasks.run_folder import RunFolder, reading

NAME = "speed.json"


@dataclass(frozen=True)
class Speed:
    """The speed of training.

    Attributes:
        words: words of the vocabulary that were read, over all epochs; of a resumed run those of
            the last process.
        seconds: time in the training step alone.
    """

    words: int
    seconds: float

    @property
    def words_per_second(self) -> float:
        """Words a second."""
        return self.words / max(self.seconds, 1e-9)

    def __str__(self) -> str:
        return f"{self.words_per_second:,.0f} words/s"

    def write(self, folder: RunFolder) -> None:
        """Keep it in the run."""
        folder.write_json(NAME, asdict(self))

    @classmethod
    def of_run(cls, folder: Path) -> Speed | None:
        """Return that of a run; None if it kept none.

        Raises:
            UsageError: the file is damaged.
        """
        kept = reading.read_json(folder / NAME)
        if kept is None:
            return None
        try:
            return cls(int(kept["words"]), float(kept["seconds"]))
        except (KeyError, TypeError, ValueError) as error:
            raise reading.damaged(folder / NAME, f"it has no {error}") from error
