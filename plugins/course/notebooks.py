"""Where the sources of the notebooks are: in docs/course of a clone, here where it is installed."""

from __future__ import annotations

from pathlib import Path


def _source(name: str) -> Path:
    installed = Path(__file__).parent / "pages" / f"{name}.md"
    if installed.is_file():
        return installed
    return Path(__file__).resolve().parents[2] / "docs" / "course" / f"{name}.md"


def numpy_network() -> Path:
    """Return the source of assignment 1."""
    return _source("1-numpy-network")


def convolutional_networks() -> Path:
    """Return the source of assignment 2."""
    return _source("2-convolutional-networks")


def object_detection() -> Path:
    """Return the source of assignment 3."""
    return _source("3-object-detection")


def segmentation() -> Path:
    """Return the source of assignment 4."""
    return _source("4-segmentation")


def word_vectors() -> Path:
    """Return the source of assignment 5."""
    return _source("5-word-vectors")


def analysis_of_embeddings() -> Path:
    """Return the source of assignment 5_2."""
    return _source("5_2-analysis-of-embeddings")
