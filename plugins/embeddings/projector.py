"""Word vectors as files of TensorBoard's Embedding Projector."""

from __future__ import annotations

import io
from collections.abc import Mapping

from nntasks.plugins.embeddings.vectors import KeyedVectors

FOLDER = "tensorboard"  # in the run's folder, as for log=tensorboard
PROJECTOR_KEY = (
    "number of words, the most frequent first, in files for TensorBoard's Embedding Projector; 0 "
    "for no files"
)
_ONE_LINE = str.maketrans("\t\n\r", "   ")


def projector_files(sets: Mapping[str, KeyedVectors], most: int) -> dict[str, bytes]:
    """Return projector_config.pbtxt, and for each set its vectors and words as TSV.

    Args:
        sets: vectors by name.
        most: how many words of each, from the start.

    Returns:
        the files by name, in `FOLDER`; none if `most` is 0. Vectors have a line per word and a tab
        between numbers; words have a heading, and columns for the word, its rank and its count if
        it is known.
    """
    if not most:
        return {}
    files: dict[str, bytes] = {}
    entries = []
    for position, (name, vectors) in enumerate(sets.items()):
        mark = f"-{position + 1}" if position else ""
        tensors, metadata = f"tensors{mark}.tsv", f"metadata{mark}.tsv"
        files[f"{FOLDER}/{tensors}"] = _tensors(vectors, most)
        files[f"{FOLDER}/{metadata}"] = _metadata(vectors, most)
        entries.append(_entry(name, tensors, metadata))
    files[f"{FOLDER}/projector_config.pbtxt"] = "".join(entries).encode()
    return files


def _tensors(vectors: KeyedVectors, most: int) -> bytes:
    import numpy as np

    text = io.BytesIO()
    np.savetxt(text, vectors.vectors[:most], fmt="%.6g", delimiter="\t")
    return text.getvalue()


def _metadata(vectors: KeyedVectors, most: int) -> bytes:
    counts = vectors.counts
    lines = ["word\trank" + ("" if counts is None else "\tcount")]
    for rank, word in enumerate(vectors.words[:most]):
        count = "" if counts is None else f"\t{int(counts[rank])}"
        lines.append(f"{word.translate(_ONE_LINE) or ' '}\t{rank + 1}{count}")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _entry(name: str, tensors: str, metadata: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').translate(_ONE_LINE)
    return (
        "embeddings {\n"
        f'  tensor_name: "{escaped}"\n'
        f'  tensor_path: "{tensors}"\n'
        f'  metadata_path: "{metadata}"\n'
        "}\n"
    )
