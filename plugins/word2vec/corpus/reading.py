"""Read texts once: words are numbered in order of first occurrence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.machine.progress import Advance
from nntasks.plugins.word2vec.corpus.number_file import NumberFile
from nntasks.plugins.word2vec.corpus.options import MOST_WORDS, CorpusOptions
from nntasks.plugins.word2vec.corpus.sources import LONGEST_WORD, Piece, Source, pieces, too_long

_END = np.full(1, -1, np.int32)  # of a sentence


def read_words(
    text: NumberFile,
    sources: Sequence[Source],
    options: CorpusOptions,
    engine: Any,
    threads: int,
    bar: Callable[[str, int], AbstractContextManager[Advance]],
) -> tuple[Any, np.ndarray]:
    """Number the words of all texts.

    Args:
        text: receives the word numbers, with -1 after each sentence.
        sources: the texts.
        options: `encoding`, `errors` and `sentence`.
        engine: the compiled loops or the reference.
        threads: number of pieces read in parallel.
        bar: makes a progress bar over bytes.

    Returns:
        the words, a Vocabulary of the engine, and their counts: (words,) int64. The numbering
        depends on the order of the threads; the set of words and their counts do not.

    Raises:
        UsageError: a word is not UTF-8 or too long; names the file and byte of the first.
    """
    words = engine.Vocabulary(options.errors == "strict", LONGEST_WORD, MOST_WORDS)
    lines, done = options.sentence == "line", 0
    with bar("reading", sum(one.size for one in sources)) as advance, _Ordered(threads) as ordered:
        all_pieces = (
            piece
            for source in sources
            for piece in pieces(source, advance, options.encoding, options.errors)
        )
        for piece, numbered in ordered.map(lambda one: words.encode(one.data, lines), all_pieces):
            numbers, offset, size = numbered
            if offset >= 0:
                raise _refused(piece, offset, size)
            text.append(numbers)
            if piece.last:
                text.append(_END)
            done += len(numbers)
            advance(0, f"{done:,} words")
    return words, words.counts()


class _Ordered:
    """Applies a function in several threads, with little read-ahead; results keep their order."""

    def __init__(self, threads: int) -> None:
        self._ahead = 2 * threads
        self._pool = ThreadPoolExecutor(threads)

    def map(
        self, function: Callable[[Piece], Any], items: Iterator[Piece]
    ) -> Iterator[tuple[Piece, Any]]:
        waiting: deque[tuple[Piece, Future[Any]]] = deque()
        for item in items:
            waiting.append((item, self._pool.submit(function, item)))
            if len(waiting) > self._ahead:
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    @staticmethod
    def _next(waiting: deque[tuple[Piece, Future[Any]]]) -> tuple[Piece, Any]:
        item, future = waiting.popleft()
        return item, future.result()

    def __enter__(self) -> _Ordered:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _refused(piece: Piece, offset: int, size: int) -> UsageError:
    source, start = piece.source, piece.offset + offset
    if size > LONGEST_WORD:
        return too_long(source, start)
    try:
        piece.data[offset:].decode()
    except UnicodeDecodeError as error:
        wide = piece.offset == 0 and piece.data[:2] in (b"\xff\xfe", b"\xfe\xff")
        kind = "; it looks like UTF-16" if wide else ""
        return UsageError(
            f"{source.path}: byte {start + error.start} is not UTF-8 ({error.reason}){kind}: "
            "set data.encoding to what it is, such as latin-1, or data.errors to ignore or replace"
        )
    raise AssertionError("a word that is right was refused")
