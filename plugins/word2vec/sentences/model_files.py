"""Files of a `Word2Vec`: the safetensors of its vectors, with the options in the header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings import safetensors_format
from nntasks.plugins.embeddings.file_checks import check_finite
from nntasks.plugins.embeddings.keyed.errors import NoFile
from nntasks.plugins.embeddings.vectors import KeyedVectors

_SETTINGS = "word2vec"  # the entry of the header


def write(vectors: KeyedVectors, settings: dict[str, Any], path: Path) -> None:
    """Write vectors and settings; the file is written completely or not at all."""
    safetensors_format.write(vectors, path, {_SETTINGS: json.dumps(settings)})


def read(path: Path, model: str) -> tuple[KeyedVectors, dict[str, Any]]:
    """Return the vectors and the settings of a file.

    Args:
        path: the file.
        model: the class whose `save` must have written it.

    Raises:
        NoFile: there is no such file.
        UsageError: it holds vectors alone or another model, or is no such file.
    """
    if not path.is_file():
        raise NoFile(f"cannot read a model from {path}: there is no such file")
    vectors = KeyedVectors.load(path)
    try:
        settings = json.loads(safetensors_format.read_metadata(path)[_SETTINGS])
    except (OSError, KeyError, ValueError):
        settings = None
    if not isinstance(settings, dict) or vectors.output is None or vectors.counts is None:
        raise UsageError(
            f"{path} holds vectors alone, which cannot be trained further; use KeyedVectors.load"
        )
    if (written := settings.get("class", "Word2Vec")) != model:
        raise UsageError(f"{path} holds a model of {written}, not {model}; use {written}.load")
    _check_settings(settings, vectors.dim, path)
    vectors.output = np.array(vectors.output)
    check_finite(vectors.output, vectors.words, path)
    return vectors, settings


def _check_settings(settings: dict[str, Any], dim: int, path: Path) -> None:
    """Refuse settings that `save` did not write: a file that was damaged or made elsewhere."""
    corpus, options = settings.get("corpus"), settings.get("options")
    numbers = [settings.get("train_count"), *(corpus if isinstance(corpus, list) else ())]
    right = len(numbers) == 3 and all(type(one) is int and one >= 0 for one in numbers)
    if not right or not isinstance(options, dict) or options.get("vector_size") != dim:
        raise UsageError(
            f"{path}: expected the options, the train_count and the corpus of a model in its "
            "header, which are missing or damaged; save the model again"
        )
