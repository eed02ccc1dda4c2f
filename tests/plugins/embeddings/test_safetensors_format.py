"""Wrong safetensors files of vectors."""

from __future__ import annotations

import json

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vector_files import read_vectors


def tensors(**entries):
    header = json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header + bytes(64)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            tensors(w={"dtype": "F32", "shape": [4, 4], "data_offsets": [0, 64]}),
            "vectors and words",
        ),
        (
            tensors(
                vectors={"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]},
                words={"dtype": "U8", "shape": [16], "data_offsets": [48, 64]},
            ),
            "'' comes as number 1 and 2",
        ),
        (
            tensors(
                vectors={"dtype": "BF16", "shape": [6, 4], "data_offsets": [0, 48]},
                words={"dtype": "U8", "shape": [16], "data_offsets": [48, 64]},
            ),
            "the type BF16",
        ),
        (
            tensors(vectors={"dtype": "F32", "shape": [4, 5], "data_offsets": [0, 80]}),
            "not a readable safetensors",
        ),
    ],
)
def test_wrong_safetensors(tmp_path, content, message):
    path = tmp_path / "v.safetensors"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_vectors(path)
