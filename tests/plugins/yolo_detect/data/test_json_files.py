"""JSON files: what is read, plain or compressed, and one line for what is not."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.json_files import read_json

CONTENT = {"names": ["Käfer", None], "numbers": [1, 2.5, True]}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, bz2.compress])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_plain_and_compressed_files(tmp_path, pack, mark):
    path = tmp_path / "file.json"
    path.write_bytes(pack((mark + json.dumps(CONTENT, ensure_ascii=False)).encode()))
    assert read_json(path) == CONTENT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": [],\n "b" []}', r"is not JSON: Expecting ':' delimiter at line 2, column 6"),
        (b"", r"is not JSON: Expecting value at line 1, column 1"),
        (b"[1] x", r"is not JSON: Extra data at line 1, column 5"),
        (b"\xff\xfe[", r"is not JSON: it is not UTF-8 text \(invalid start byte\)"),
        (b"[" * 100_000, "is not JSON that can be read: "),
        (b"9" * 5000, "is not JSON that can be read: "),
        (gzip.compress(b"[1, 2, 3]" * 50)[:-9], "is a damaged compressed file"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_the_file(tmp_path, content, said):
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"^{path}:? {said}") as error:
        read_json(path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_and_one_that_is_none(tmp_path):
    with pytest.raises(UsageError, match=r"no\.json: cannot be read: No such file"):
        read_json(tmp_path / "no.json")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_json(tmp_path)
