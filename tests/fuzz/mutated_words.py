"""Damaged files of word vectors, pairs, analogies, counts and word lists, by a seed."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import struct
from collections.abc import Callable

import numpy as np
from fuzz.mutated_bytes import damage

_WORDS = ("king", "queen", "caf\u00e9", "new york", "\u732b", "</s>", "7", "1e5", ":", "#a")
_ODD = (
    *("nan", "inf", "1e999", "1e40", "-1e-50", "0x1p3", "1_0", "-0", "1,5", "", "\u00a0", "\u2028"),
    *("\x00", "\x1b[2J", "\ufeff", '"', "9" * 400, "x" * 5000, "\u0661", "12 4", "0", "-3", "%s"),
)


def vector_file(kind: str, seed: int) -> bytes:
    """Return a damaged file of vectors: "glove", "word2vec", "binary", "safetensors" or "npy"."""
    rng = random.Random(f"{kind} {seed}")
    count, dim = rng.randrange(1, 9), rng.choice((1, 2, 3, 5))
    words = [_WORDS[n % len(_WORDS)] for n in rng.sample(range(10), count)]
    matrix = np.random.default_rng(seed % 50).normal(size=(count, dim)).astype(np.float32)
    return _wrapped(_damaged(_FORMATS[kind](words, matrix, rng), rng), rng)


def question_file(kind: str, seed: int) -> bytes:
    """Return a damaged text file: "pairs", "analogies", "counts", "groups", "outliers", "weat"."""
    rng = random.Random(f"{kind} {seed}")
    lines = [rng.choice(_LINES[kind]) for _ in range(rng.randrange(1, 8))]
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        place = rng.randrange(len(lines))
        lines[place] = _changed(lines[place], rng)
    text = rng.choice(("\n", "\n", "\r\n", "\r")).join(lines).encode("utf-8", "replace")
    return _damaged(text, rng)


def _glove(words: list[str], matrix: np.ndarray, rng: random.Random) -> bytes:
    lines = [f"{w} {' '.join(map(repr, row.tolist()))}" for w, row in zip(words, matrix)]  # noqa: B905
    if rng.random() < 0.5:
        place = rng.randrange(len(lines))
        lines[place] = _changed(lines[place], rng)
    return (rng.choice(("\n", "\n", "\r\n")).join(lines) + "\n").encode("utf-8", "replace")


def _word2vec(words: list[str], matrix: np.ndarray, rng: random.Random) -> bytes:
    return _header(matrix, rng) + _glove(words, matrix, rng)


def _binary(words: list[str], matrix: np.ndarray, rng: random.Random) -> bytes:
    end = rng.choice((b"", b"\n"))
    rows = (w.encode() + b" " + row.tobytes() + end for w, row in zip(words, matrix))  # noqa: B905
    return _header(matrix, rng) + b"".join(rows)


def _header(matrix: np.ndarray, rng: random.Random) -> bytes:
    numbers = [str(n) for n in matrix.shape]
    if rng.random() < 0.3:
        numbers[rng.randrange(2)] = rng.choice(
            ("0", "-1", "1e3", "9" * 9, "9" * 70, "4 4", "\u0664")
        )
    return " ".join(numbers).encode() + b"\n"


def _safetensors(words: list[str], matrix: np.ndarray, rng: random.Random) -> bytes:
    text = np.frombuffer(b"".join(w.encode() + b"\0" for w in words), np.uint8)
    counts = np.arange(len(words), dtype=np.int64)
    arrays = {"vectors": ("F32", matrix), "words": ("U8", text), "counts": ("I64", counts)}
    header, body = {}, b""
    for name, (code, array) in arrays.items():
        stated, shape = code, list(array.shape)
        if rng.random() < 0.15:
            stated = rng.choice(("F64", "F16", "BF16", "BOOL", "I64", "U8", "I8", "C64", "x"))
        if rng.random() < 0.15:
            shape = rng.choice(([], [0], [0, 3], shape[::-1], [2**40, 2**40], [-1], [1, *shape]))
        data = array.tobytes()
        header[name] = {
            "dtype": stated, "shape": shape, "data_offsets": [len(body), len(body) + len(data)],
        }  # fmt: skip
        body += data
    if rng.random() < 0.2:
        del header[rng.choice(list(header))]
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + body


def _npy(words: list[str], matrix: np.ndarray, rng: random.Random) -> bytes:
    content = io.BytesIO()
    if rng.random() < 0.5:
        np.save(content, matrix)
    else:
        np.savez(content, vectors=matrix, words=np.array(words))
    return content.getvalue()


_FORMATS: dict[str, Callable[[list[str], np.ndarray, random.Random], bytes]] = {
    "glove": _glove, "word2vec": _word2vec, "binary": _binary, "safetensors": _safetensors,
    "npy": _npy,
}  # fmt: skip
VECTORS = tuple(_FORMATS)

_LINES = {
    "pairs": (
        "Word 1,Word 2,Human (mean)", "love,sex,6.77", "tiger\tcat\t7.35", "tiger cat 7.35",
        "word1\tword2\tPOS\tSimLex999", "old\tnew\tA\t1.58", "a;b;3", '"new york",b,1', "# no", "",
    ),
    "analogies": (": capital", "Athens Greece Oslo Norway", "a\tb\tc\td", "a,b,c,d", "# no", ""),
    "counts": ("king 12", "queen\t7", "new york 3", "caf\u00e9 1", ""),
    "groups": ("royal: king queen", "cats: \u732b tiger", "# no", ""),
    "outliers": ("x: a b c d e f g h | i j k l m n o p", "royal: king queen | cat", "# no", ""),
    "weat": ("x: a b", "y: c d", "p: e f", "q: g h", "# no", ""),
}  # fmt: skip
QUESTIONS = tuple(_LINES)


def _changed(line: str, rng: random.Random) -> str:
    parts = line.split(" ")
    place = rng.randrange(len(parts))
    match rng.randrange(4):
        case 0:
            parts[place] = rng.choice(_ODD)
        case 1:
            parts.insert(place, rng.choice(_ODD))
        case 2:
            del parts[place]
        case 3:
            parts[place] = f"{rng.uniform(-3, 3):.6g}"
    return rng.choice((" ", " ", "\t", "  ", ", ", ",")).join(parts)


def _damaged(content: bytes, rng: random.Random) -> bytes:
    """Change bytes one time in three."""
    changed = bytearray(content)
    if rng.random() < 0.33:
        damage(changed, rng)
    if rng.random() < 0.05:
        changed[:0] = rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b"#"))
    return bytes(changed)


def _wrapped(content: bytes, rng: random.Random) -> bytes:
    """Compress one file in eight, and damage some of these once more."""
    if rng.random() < 0.88:
        return content
    packed = rng.choice((gzip.compress, lzma.compress, bz2.compress))(content)
    return _damaged(packed, rng) if rng.random() < 0.5 else packed
