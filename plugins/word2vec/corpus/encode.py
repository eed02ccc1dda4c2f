"""Encode texts as a corpus of word numbers, or open the corpus encoded from them earlier."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import RunFailed, UsageError
from nntasks.machine import progress
from nntasks.plugins.word2vec.corpus import encoded as files
from nntasks.plugins.word2vec.corpus.encoded import EncodedCorpus, read_header
from nntasks.plugins.word2vec.corpus.engine import READER
from nntasks.plugins.word2vec.corpus.number_file import NumberFile
from nntasks.plugins.word2vec.corpus.options import CorpusOptions, thread_count
from nntasks.plugins.word2vec.corpus.phrases import join_phrases
from nntasks.plugins.word2vec.corpus.reading import read_words
from nntasks.plugins.word2vec.corpus.sources import Source, find
from nntasks.plugins.word2vec.corpus.vocabulary import normalised, ordered
from nntasks.storage import locks
from nntasks.storage.atomic_write import to_json
from nntasks.storage.failures import cannot_write

Say = Callable[[str], None]
Bar = Callable[[str, int], AbstractContextManager[progress.Advance]]
_PART = ".encoding-"  # prefix of the folder of an unfinished encoding
_REMEDY = "free space, or choose another folder"


def encode(
    paths: str | Path | Iterable[str | Path],
    folder: str | Path,
    options: CorpusOptions | None = None,
    *,
    say: Say | None = None,
    bar: Bar | None = None,
    threads: int | None = None,
) -> EncodedCorpus:
    """Count and number the words of texts. Open `folder` if it holds the same encoded corpus.

    Texts are UTF-8, plain or compressed (gzip, xz or bzip2, recognised by a valid header). Words
    are split at white space as `str.split()` splits them. Memory grows with the vocabulary, not
    with the text.

    Args:
        paths: files and folders. All texts in a folder are read, sorted by name.
        folder: where the encoded corpus is stored; created if absent.
        options: how words are counted and numbered; the defaults of `CorpusOptions` if omitted.
        say: receives progress messages.
        bar: makes a progress bar, as `nntasks.machine.progress.bar`.
        threads: reader threads; None for one per processor. The result does not depend on it.

    Raises:
        UsageError: a text is missing, unreadable or not UTF-8 (the message names file and byte),
            or contains no words or none that is frequent enough.
        RunFailed: the folder cannot be written, or a text changed while it was read.
    """
    options = options or CorpusOptions()
    count, sources, folder = thread_count(threads), find(paths), Path(folder)
    key, say = fingerprint(sources, options), say or (lambda line: None)
    with locks.held(folder, say, remedy=_REMEDY):
        known = _reopened(folder, key, say)
        if known is not None:
            return known
        with _working(folder) as work:
            _build(work, sources, options, key, count, say, bar or progress.bar)
            _publish(work, folder)
    return EncodedCorpus.open(folder)


def fingerprint(sources: Sequence[Source], options: CorpusOptions) -> str:
    """Return a hash of all options and of each text's path, size, modification time and head."""
    texts = [(str(one.path.resolve()), one.size, one.modified, one.head) for one in sources]
    content = json.dumps([files.VERSION, texts, asdict(options)], sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "surrogateescape")).hexdigest()


def _reopened(folder: Path, key: str, say: Say) -> EncodedCorpus | None:
    if not (folder / files.HEADER).exists():
        return None
    try:
        if read_header(folder).get("fingerprint") != key:
            say("the text or the options changed: encoding again")
            return None
        corpus = EncodedCorpus.open(folder)
    except UsageError as error:
        say(f"{error}: encoding again")
        return None
    say(
        f"opened the encoded text in {folder}: {len(corpus):,} words, "
        f"{len(corpus.words):,} different"
    )
    return corpus


def _build(
    work: Path,
    sources: Sequence[Source],
    options: CorpusOptions,
    key: str,
    threads: int,
    say: Say,
    bar: Bar,
) -> None:
    """Write all files of an encoded corpus into a folder."""
    start, engine = time.monotonic(), READER.chosen()
    with NumberFile(work / files.TOKENS, "<i4") as text:
        raw, counts = read_words(text, sources, options, engine, threads, bar)
        words, counts, table = normalised(raw, counts, options, engine)
        read = int(counts.sum())
        if not read:
            where = ", ".join(str(source.path) for source in sources[:3])
            raise UsageError(f"no words in {where}: expected a text, it is empty")
        if options.phrases:
            if table is not None:
                text.rewrite(_Renumbered(table))
                table = None
            counts = join_phrases(text, words, counts, options, engine)
        names, numbers = ordered(words, counts, options)
        sentences = _renumber(text, _last_numbers(numbers, len(counts), table), work, engine)
        size = text.size
        text.close()
    np.save(work / files.COUNTS, counts[numbers].astype("<i8"))
    (work / files.WORDS).write_bytes(b"".join(name + b"\n" for name in names))
    header = {
        "version": files.VERSION,
        "fingerprint": key,
        "words": len(names),
        "tokens": size,
        "sentences": sentences,
        "read": read,
        "options": asdict(options),
        "texts": [str(source.path) for source in sources],
        "sizes": {name: (work / name).stat().st_size for name in files.DATA},
    }
    (work / files.HEADER).write_text(to_json(header, ascii_only=True), encoding="ascii")
    seconds = time.monotonic() - start
    say(
        f"encoded {read:,} words in {seconds:.2f} s ({read / seconds:,.0f} words/s): kept {size:,} "
        f"in {sentences:,} sentences, {len(names):,} different"
    )


class _Renumbered:
    """Maps word numbers to new ones. Sentence ends (-1) are kept."""

    def __init__(self, table: np.ndarray) -> None:
        self._table = np.append(table, np.int32(-1))

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        fresh = self._table[numbers]
        return fresh[(fresh >= 0) | (numbers < 0)]


def _last_numbers(kept: np.ndarray, words: int, table: np.ndarray | None) -> np.ndarray:
    """Return the final number of each number in the text; -1 for a dropped word."""
    last = np.full(words + 1, -1, np.int32)  # one more entry, which the -1 of `table` reads
    last[kept] = np.arange(len(kept))
    return last[:-1] if table is None else last[table]


def _renumber(text: NumberFile, table: np.ndarray, work: Path, engine: Any) -> int:
    """Write the final word numbers and the sentence ends; return the number of sentences."""
    renumber = engine.Renumber(table)
    with NumberFile(work / files.SENTENCES, "<i8") as ends:
        ends.append(np.zeros(1, np.int64))

        def change(numbers: np.ndarray) -> np.ndarray:
            kept, found = renumber.add(numbers)
            ends.append(found)
            return kept

        text.rewrite(change)
        ends.close()
        return ends.size - 1


@contextlib.contextmanager
def _working(folder: Path) -> Iterator[Path]:
    """Make a temporary folder that is removed on every exit."""
    for left in folder.glob(f"{_PART}*"):  # left by a killed process
        shutil.rmtree(left, ignore_errors=True)
    try:
        with tempfile.TemporaryDirectory(prefix=_PART, dir=folder) as work:
            yield Path(work)
    except OSError as error:
        raise RunFailed(cannot_write(folder, error, _REMEDY)) from error


def _publish(work: Path, folder: Path) -> None:
    """Move the files into place. The header comes last: it marks the corpus as complete."""
    (folder / files.HEADER).unlink(missing_ok=True)
    for name in (*files.DATA, files.HEADER):
        (work / name).replace(folder / name)
