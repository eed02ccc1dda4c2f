"""Where vectors come from if none are named: a short training on the corpus with planted relations.

The one place that knows the task which trains them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.runner import start
from plugins.embeddings.vector_files import read_vectors
from plugins.embeddings.vectors import WordVectors

TRAINED_BY = "word2vec"


def default_vectors(seed: int, data_options: Mapping[str, Any]) -> WordVectors:
    """Return vectors that task `word2vec` trains with its defaults in some seconds."""
    with tempfile.TemporaryDirectory(prefix="nntasks-") as folder:
        keys = {"data": "planted", "data_options": dict(data_options), "seed": seed}
        result = start(TRAINED_BY, [keys], out=Path(folder), quiet=True)
        assert result.folder is not None
        return read_vectors(result.folder)
