"""Compressed or plain: by the content of a file, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
from nntasks.plugins.word2vec.corpus.encoded import EncodedCorpus
from nntasks.storage import compression
from nntasks.storage.compression import unpacked

PACKERS = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}
MAGIC = {"gz": b"\x1f\x8b", "xz": b"\xfd7zXZ\x00", "bz2": b"BZh9"}


def words_of(corpus: EncodedCorpus) -> list[str]:
    return sorted(corpus.words)


@pytest.mark.parametrize("kind", PACKERS)
@given(text=st.binary(max_size=200))
def test_what_the_libraries_write_is_recognised_and_opened(kind, text):
    packed = PACKERS[kind](text)
    opened = compression.opener(packed[: compression.HEADER])
    assert opened is not None
    assert opened(io.BytesIO(packed)).read() == text


def test_a_gzip_with_a_name_inside_is_recognised(tmp_path):
    with gzip.GzipFile("name of the text", "wb", fileobj=(file := io.BytesIO())) as packed:
        packed.write(b"a b")
    assert compression.opener(file.getvalue()[: compression.HEADER]) is gzip.open


@pytest.mark.parametrize("kind", PACKERS)
@given(data=st.data())
def test_a_header_that_is_cut_or_altered_is_none(kind, data):
    head = PACKERS[kind](b"a b a b")[: compression.HEADER]
    whole = {"gz": 10, "xz": 12, "bz2": 10}[kind]
    assert compression.opener(head[: data.draw(st.integers(0, whole - 1))]) is None
    place = {"gz": (0, 1, 2), "xz": range(12), "bz2": (0, 1, 2, *range(4, 10))}[kind]
    altered = bytearray(head)
    altered[data.draw(st.sampled_from(list(place)))] ^= data.draw(st.integers(1, 255))
    assert compression.opener(bytes(altered)) is None


@pytest.mark.parametrize("level", [b"0", b":", b"a", b"\x00"])
def test_bzip2_has_nine_levels(level):
    assert compression.opener(b"BZh" + level + bytes.fromhex("314159265359") + b"rest") is None


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("name", ["text.txt", "text", "text.bin", "text.gz", "text.xz", "text.bz2"])
def test_a_compressed_text_is_read_whatever_its_name(tmp_path, kind, name):
    path = tmp_path / name
    path.write_bytes(PACKERS[kind](b"one two one two"))
    assert words_of(encode(path, tmp_path / "out", CorpusOptions(min_count=1))) == ["one", "two"]


@pytest.mark.parametrize("kind", PACKERS)
def test_magic_bytes_alone_are_text(tmp_path, kind):
    path = tmp_path / "text.txt"
    path.write_bytes(MAGIC[kind] + b" two two")
    words = words_of(encode(path, tmp_path / "out", CorpusOptions(min_count=1, errors="replace")))
    assert words == sorted([*MAGIC[kind].decode("utf-8", "replace").split(), "two"])


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ".GZ"])
@pytest.mark.parametrize(
    "content", [b"", b"one two one two", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00"]
)
def test_a_name_that_promises_too_much_is_refused_before_any_work(tmp_path, suffix, content):
    path = tmp_path / f"text{suffix}"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=f"ends in {suffix.lower()} promises") as caught:
        encode([path], tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_in_a_folder_too(tmp_path):
    (tmp_path / "a.txt").write_text("one two")
    (tmp_path / "b.gz").write_text("one two")
    with pytest.raises(UsageError, match=r"b\.gz: a name that ends in \.gz"):
        encode(tmp_path, tmp_path / "out")


def test_a_compressed_file_has_a_plain_copy_for_a_while(tmp_path):
    plain, packed = tmp_path / "a.json", tmp_path / "b.json.gz"
    plain.write_bytes(b"[1]")
    packed.write_bytes(gzip.compress(b"[2]"))
    with unpacked(plain) as one, unpacked(packed) as other:
        assert one == plain
        assert other.read_bytes() == b"[2]"
    assert not other.exists()
    assert plain.exists()
