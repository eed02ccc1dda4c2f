"""A data set without questions, for vectors of which only the geometry is wanted."""

from __future__ import annotations

from pathlib import Path

from nntasks.interfaces import Dataset, Splits
from nntasks.plugins.embeddings.data import as_splits


class NoQuestions(Dataset):
    """Nothing is asked."""

    def load(self, root: Path | None) -> Splits:
        return as_splits([])
