"""A data set without questions, to analyse only the geometry of vectors."""

from __future__ import annotations

from pathlib import Path

from nntasks.interfaces import Dataset, Splits
from nntasks.plugins.embeddings.data import as_splits


class NoQuestions(Dataset):
    """An empty set of questions."""

    def load(self, root: Path | None) -> Splits:
        return as_splits([])
