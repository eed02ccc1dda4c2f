"""Models of Facebook's fastText program, `.bin`, with gensim's names.

The format is that of `saveModel` in fastText 0.9 (version 12), little-endian: magic and version;
twelve int32 and a double of arguments; the dictionary; a byte and the input matrix, a row for each
word and then for each bucket; a byte and the output matrix.
"""

from __future__ import annotations

import logging
import math
import struct
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.file_checks import check_finite, check_words
from nntasks.plugins.embeddings.keyed.errors import NoFile, NotOffered
from nntasks.plugins.embeddings.subwords.parts import Parts
from nntasks.plugins.embeddings.subwords.vectors import NgramSizes, NgramTable, SubwordVectors
from nntasks.plugins.word2vec.sentences.fasttext import FastText
from nntasks.plugins.word2vec.subwords import buckets_of_words
from nntasks.storage import compression

_LOG = logging.getLogger(__name__)
_MAGIC, _VERSION = 793712314, 12
_CBOW, _SKIPGRAM, _NEGATIVES = 1, 2, 2  # as fastText numbers models and losses
_LONGEST_WORD = 1 << 20  # bytes
_PIECE = 1 << 24  # bytes
_END_OF_LINE = "</s>"  # the one word without n-grams


class Arguments(NamedTuple):
    """The arguments of a model, by fastText's names and in its order."""

    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    lr_update_rate: int
    t: float

    @property
    def sizes(self) -> NgramSizes:
        """Which n-grams words have."""
        return NgramSizes(self.minn, self.maxn, self.bucket)


class Dictionary(NamedTuple):
    """Words by number, how often each occurs, and the words of the text."""

    words: list[str]
    counts: np.ndarray
    total: int


def load_facebook_vectors(path: str | Path, encoding: str = "utf-8") -> SubwordVectors:
    """Read the vectors of words and n-grams from a `.bin` of fastText.

    All buckets get their rows, so unknown words have the vectors that fastText gives them.

    Args:
        path: the file, also packed by gzip, xz or bzip2.
        encoding: of the words; a word of other bytes is kept with backslashes, as gensim does.

    Raises:
        NoFile: there is no such file.
        NotOffered: a supervised or a quantised model.
        UsageError: it is no such file, or is damaged.
    """
    return _read(Path(path), encoding)[0]


def load_facebook_model(path: str | Path, encoding: str = "utf-8") -> FastText:
    """Read a `.bin` of fastText as a model that can be trained further; see the vectors' reader.

    The learning rate is not in the file: that of `FastText` holds.

    Raises:
        As `load_facebook_vectors`; NotOffered also if it was not trained by negative sampling.
    """
    vectors, arguments, total = _read(Path(path), encoding)
    if arguments.loss != _NEGATIVES:
        raise NotOffered(
            f"{path}: only models of negative sampling (-loss ns) train further; use "
            "load_facebook_vectors"
        )
    model = FastText(
        vector_size=arguments.dim,
        window=arguments.ws,
        epochs=arguments.epoch,
        min_count=arguments.min_count,
        negative=arguments.neg,
        sg=int(arguments.model == _SKIPGRAM),
        sample=arguments.t,
        min_n=arguments.minn,
        max_n=arguments.maxn,
        bucket=arguments.bucket,
    )
    model.wv, model.corpus_total_words = vectors, total
    return model


def _read(path: Path, encoding: str) -> tuple[SubwordVectors, Arguments, int]:
    if not path.is_file():
        raise NoFile(f"cannot read a model of fastText from {path}: there is no such file")
    try:
        with compression.open_content(path) as file:
            return _read_model(file, path, encoding)
    except (EOFError, struct.error) as error:
        raise UsageError(f"{path} ends too early: a damaged model of fastText") from error


def _read_model(
    file: IO[bytes], path: Path, encoding: str
) -> tuple[SubwordVectors, Arguments, int]:
    arguments = _arguments(file, path)
    known = _dictionary(file, path, encoding)
    check_words(known.words, path)
    sizes, count = arguments.sizes, len(known.words)
    rows = _matrix(file, path, count + arguments.bucket, arguments.dim)
    outputs = _matrix(file, path, count, arguments.dim)
    own, ngrams = rows[:count], rows[count:]
    check_finite(own, known.words, path)
    check_finite(outputs, known.words, path)
    if not np.isfinite(ngrams).all():
        raise UsageError(f"{path}: the rows of n-grams hold numbers that are not finite")
    table = NgramTable(sizes, np.arange(len(ngrams)), ngrams)
    parts = Parts.of(*buckets_of_words(known.words, sizes), table.buckets)
    means = parts.means(rows)
    if _END_OF_LINE in known.words:
        place = known.words.index(_END_OF_LINE)
        means[place] = own[place]
    made = SubwordVectors.of(known.words, means, known.counts, outputs)
    return made.with_ngrams(own, table), arguments, known.total


def _arguments(file: IO[bytes], path: Path) -> Arguments:
    magic, version = _numbers(file, "<ii")
    if magic != _MAGIC:
        raise UsageError(f"{path} is no model of fastText: expected a .bin that it wrote")
    if version != _VERSION:
        raise UsageError(f"{path}: expected version {_VERSION} of the format, got {version}")
    found = Arguments(*_numbers(file, "<12id"))
    if found.model not in (_CBOW, _SKIPGRAM):
        raise NotOffered(f"{path}: only models of words are read, not supervised ones")
    right = found.dim >= 1 and found.bucket >= (found.maxn > 0) and math.isfinite(found.t)
    if not right or not 0 <= found.minn <= 64 or not 0 <= found.maxn <= 64:
        raise UsageError(f"{path}: the arguments are damaged: {found}")
    return found._replace(minn=max(found.minn, 1))  # fastText counts from 1, too


def _dictionary(file: IO[bytes], path: Path, encoding: str) -> Dictionary:
    size, words, labels, total, pruned = _numbers(file, "<iiiqq")
    if labels or pruned > 0:
        raise NotOffered(f"{path}: models with labels or pruned n-grams are not read")
    if not 0 <= size == words or total < 0:
        raise UsageError(f"{path}: the dictionary is damaged: {size} entries, {words} words")
    names, counts = [], []
    for _ in range(size):
        names.append(_word(file, path, encoding))
        count, kind = _numbers(file, "<qb")
        if kind != 0 or count < 0:
            raise UsageError(f"{path}: the entry of {names[-1]!r} is damaged")
        counts.append(count)
    return Dictionary(names, np.array(counts, np.int64), total)


def _word(file: IO[bytes], path: Path, encoding: str) -> str:
    found = bytearray()
    while not found.endswith(b"\0"):
        ahead: bytes = file.peek(1)  # type: ignore[attr-defined]  # all that open_content opens
        found += _taken(file, ahead.find(b"\0") + 1 or len(ahead) or 1)
        if len(found) > _LONGEST_WORD:
            raise UsageError(f"{path}: a word has more than {_LONGEST_WORD:,} bytes: damaged")
    del found[-1]
    try:
        return found.decode(encoding)
    except UnicodeDecodeError:
        word = found.decode(encoding, "backslashreplace")
        _LOG.warning("%s: %r is not %s; kept as %r", path, bytes(found), encoding, word)
        return word


def _matrix(file: IO[bytes], path: Path, rows: int, columns: int) -> np.ndarray:
    (quantised,) = _numbers(file, "<b")
    if quantised:
        raise NotOffered(f"{path}: quantised models (.ftz) are not read")
    shape = _numbers(file, "<qq")
    if shape != (rows, columns):
        raise UsageError(f"{path}: expected a matrix of {rows} x {columns}, got {shape}: damaged")
    content, size = bytearray(), 4 * rows * columns
    while len(content) < size:  # a piece at a time: a damaged size must not ask for all the memory
        content += _taken(file, min(size - len(content), _PIECE))
    return np.frombuffer(content, "<f4").reshape(rows, columns)


def _numbers(file: IO[bytes], form: str) -> Any:
    return struct.unpack(form, _taken(file, struct.calcsize(form)))


def _taken(file: IO[bytes], count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise EOFError
    return found
