"""Vectors in files, with gensim's arguments. Nothing is pickled or unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.errors import NoFile, NotOffered, WrongType, WrongValue
from nntasks.plugins.embeddings.keyed.evaluation import Evaluation
from nntasks.plugins.embeddings.keyed.storage import COUNT

if TYPE_CHECKING:
    from typing_extensions import Self

_PICKLE = b"\x80"  # the first byte of a pickle of protocol 2 and later


class Files(Evaluation):
    """Vectors that are saved and loaded."""

    def save(self, fname: str | Path) -> None:
        """Save words, vectors, attributes and output vectors as safetensors, whatever the name.

        Raises:
            UsageError: an attribute holds values that are no numbers.
            RunFailed: the file cannot be written.
        """
        from nntasks.plugins.embeddings import safetensors_format

        safetensors_format.write(self, Path(fname))

    @classmethod
    def load(cls, fname: str | Path, mmap: str | None = None) -> Self:
        """Load what `save` saved, any vector file, or the vectors of a run.

        Args:
            fname: the file or the folder of a run.
            mmap: "r" leaves the numbers on disk until used.

        Raises:
            NoFile: there is no such file.
            UsageError: the file is no vector file, or is a pickle, which is never opened.
        """
        from nntasks.plugins.embeddings.vector_files import read_vectors

        path = _there(fname)
        if path.is_file():
            with open(path, "rb") as file:
                if file.read(1) == _PICKLE:
                    raise UsageError(
                        f"{path} is a pickle, which could run any code and is not opened; write it "
                        "from gensim with save_word2vec_format"
                    )
        read: Any = read_vectors(path, memory_map=mmap is not None)
        return read if isinstance(read, cls) else cls._of(read)

    @classmethod
    def _of(cls, vectors: Any) -> Self:
        made = cls.of(vectors.words, vectors.matrix, None, vectors.output)
        made.attributes = vectors.attributes
        return made

    def save_word2vec_format(
        self,
        fname: str | Path,
        fvocab: str | Path | None = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        **rest: Any,
    ) -> None:
        """Save words and vectors as word2vec does, the most frequent words first.

        Args:
            fname: the file; text is compressed if the name ends in .gz.
            fvocab: also write this file, of one word and its count a line.
            binary: write the binary format instead of text.
            total_vec: refused unless it is the number of words.
            write_header: begin with the numbers of words and dimensions; GloVe's files do not.
            prefix: stands before each word.
            rest: `sort_attr`, the attribute whose falling order decides (`count`), and `append`,
                which is refused: a file is written whole.

        Raises:
            UsageError: the format cannot store a word.
            RunFailed: the file cannot be written.
        """
        from nntasks.plugins.embeddings import binary_format, text_format
        from nntasks.storage import atomic_write

        sort = _options("save_word2vec_format", rest, sort_attr=COUNT, append=False)
        if sort["append"] or total_vec not in (None, len(self)):
            raise NotOffered(
                "save_word2vec_format: append and total_vec are not offered, as a file is written "
                "whole; add all vectors to one KeyedVectors, and save that"
            )
        chosen = self.attributes.get(sort["sort_attr"])
        order = np.arange(len(self)) if chosen is None else np.argsort(-chosen, kind="stable")
        words = [f"{prefix}{self.words[place]}" for place in order.tolist()]
        in_order = bool((np.diff(order) > 0).all())
        written: Any = type(self).of(words, self.matrix if in_order else self.matrix[order])
        writer = binary_format.write if binary else text_format.write
        writer(written, Path(fname), header=write_header)
        if fvocab is not None:
            counts = np.zeros(len(self), np.int64) if self.counts is None else self.counts
            pairs = zip(words, counts[order].tolist(), strict=True)
            lines = [f"{word} {count}\n" for word, count in pairs]
            atomic_write.write_text(Path(fvocab), "".join(lines))

    @classmethod
    def load_word2vec_format(
        cls,
        fname: str | Path,
        fvocab: str | Path | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: Any = "strict",
        limit: int | None = None,
        **rest: Any,
    ) -> Self:
        """Load a file of vectors in word2vec's formats.

        Args:
            fname: the file, also compressed.
            fvocab: file of one word and its count a line. Without it, counts fall from the number
                of words to 1, as in gensim.
            binary: accepted; the content tells the format.
            encoding, unicode_errors: of the words, as for `bytes.decode`.
            limit: read only so many words.
            rest: `datatype` of the numbers in memory, and `no_header`, which is accepted.

        Raises:
            NoFile: there is no such file.
            UsageError: the file is damaged, or a word is in another encoding.
        """
        from nntasks.plugins.embeddings.count_files import with_counts
        from nntasks.plugins.embeddings.reading import Reading
        from nntasks.plugins.embeddings.vector_files import read_vectors

        chosen = _options("load_word2vec_format", rest, datatype=np.float32, no_header=False)
        reading = Reading(limit, encoding, unicode_errors)
        read = read_vectors(_there(fname), limit=limit, encoding=encoding, errors=unicode_errors)
        if fvocab is not None:
            read = with_counts(read, _there(fvocab), reading)
        made = cls.of(read.words, np.asarray(read.matrix).astype(chosen["datatype"], copy=False))
        counts = np.arange(len(made), 0, -1) if read.counts is None else read.counts
        made.attributes[COUNT] = counts
        return made

    def intersect_word2vec_format(
        self,
        fname: str | Path,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: Any = "strict",
    ) -> int:
        """Replace the vectors of words that a file also has; return how many there are.

        Args:
            fname: a file in word2vec's formats.
            lockf: only 1.0 is offered: the vectors go on learning when training continues.
            binary, encoding, unicode_errors: as for `load_word2vec_format`.

        Raises:
            NotOffered: `lockf` is not 1.
            WrongValue: the vectors of the file are of another size.
        """
        if lockf != 1.0:
            raise NotOffered(
                "intersect_word2vec_format: vectors cannot be locked against training; give "
                "lockf=1.0"
            )
        other = self.load_word2vec_format(
            fname, binary=binary, encoding=encoding, unicode_errors=unicode_errors
        )
        if other.dim != self.dim:
            raise WrongValue(f"{fname}: expected vectors of {self.dim} numbers, got {other.dim}")
        shared = [word for word in other.words if word in self.key_to_index]
        if shared:
            self.add_vectors(shared, other[shared], replace=True)
        return len(shared)


def _there(path: str | Path) -> Path:
    if not Path(path).exists():
        raise NoFile(f"cannot read vectors from {path}: there is no such file")
    return Path(path)


def _options(function: str, given: dict[str, Any], **known: Any) -> dict[str, Any]:
    wrong = next((name for name in given if name not in known), None)
    if wrong is not None:
        raise WrongType(f"{function}: expected the options {', '.join(known)}, got {wrong!r}")
    return known | given
