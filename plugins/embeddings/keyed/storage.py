"""Words with a vector each: the arrays, and what is looked up in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.errors import UsageError, did_you_mean
from nntasks.plugins.embeddings.keyed.errors import NoKeys, UnknownWord, WrongType, WrongValue

if TYPE_CHECKING:
    from typing_extensions import Self

_CHUNK = 1 << 14  # rows normalised at a time
COUNT = "count"  # the attribute that holds how often a word occurs


def is_key(value: object) -> bool:
    """Return whether a value names one word: a word, or an index."""
    return isinstance(value, (str, int, np.integer))


class Storage:
    """Words in descending order of frequency, with a vector each.

    Args:
        vector_size: the dimensions of a vector.
        count: accepted as in gensim; rows are allocated when words are added.
        dtype: the type of the numbers; float32, as everything here computes in it.

    Attributes:
        words: V distinct words. gensim calls them `index_to_key`.
        matrix: (V, D) floats; may be memory-mapped. Any object with `shape` and rows by index,
            slice or array of indices will do. gensim calls it `vectors`.
        attributes: (V,) arrays by name, as `count`. gensim calls them `expandos`.
        output: (V, D) the output ("context") vectors trained with `matrix`, or None.

    Raises:
        WrongValue: `vector_size` is below 1.
    """

    def __init__(self, vector_size: int, count: int = 0, dtype: Any = np.float32) -> None:
        if isinstance(vector_size, bool) or not isinstance(vector_size, (int, np.integer)):
            raise WrongType(f"vector_size: expected a whole number, got {vector_size!r}")
        if vector_size < 1:
            raise WrongValue(f"vector_size: expected a whole number >= 1, got {vector_size}")
        self._fill([], np.zeros((0, int(vector_size)), dtype=dtype), {}, None)

    @classmethod
    def of(
        cls,
        words: Sequence[str],
        matrix: Any,
        counts: Any = None,
        output: Any = None,
    ) -> Self:
        """Return vectors of arrays, which are not copied.

        Args:
            words: V distinct words.
            matrix: (V, D), see the attribute.
            counts: (V,) occurrences of each word; None if unknown.
            output: (V, D) the output vectors, if available.

        Raises:
            UsageError: the sizes do not fit.
        """
        made = cls.__new__(cls)
        words = words if isinstance(words, list) else list(words)
        attributes = {} if counts is None else {COUNT: np.asarray(counts, dtype=np.int64)}
        made._fill(words, matrix, attributes, output)
        return made

    def _fill(
        self, words: list[str], matrix: Any, attributes: dict[str, np.ndarray], output: Any
    ) -> None:
        self.words, self.matrix = words, matrix
        self.attributes, self.output = attributes, output
        self._firsts: dict[int, Self] = {}
        self._check()

    def _check(self) -> None:
        if len(self.matrix.shape) != 2 or self.matrix.shape[0] != len(self.words):
            raise UsageError(
                f"expected a matrix of {len(self.words)} rows, one per word, got shape "
                f"{tuple(self.matrix.shape)}"
            )
        if self.counts is not None and self.counts.shape != (len(self.words),):
            raise UsageError(
                f"expected {len(self.words)} counts, one per word, got shape {self.counts.shape}"
            )
        if self.output is not None and tuple(self.output.shape) != tuple(self.matrix.shape):
            raise UsageError(
                f"expected output vectors of shape {tuple(self.matrix.shape)}, got "
                f"{tuple(self.output.shape)}"
            )

    def _changed(self) -> None:
        """Forget what was computed from words and vectors."""
        for name in ("_places", "unit", "norms"):
            self.__dict__.pop(name, None)
        self._firsts.clear()

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, key: object) -> bool:
        return self._place(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.dim}, {len(self)} keys>"

    def __getitem__(self, key: Any) -> np.ndarray:
        """Return the vector of a word or index, (D,); of several keys, (N, D)."""
        if is_key(key):
            return self.get_vector(key)
        try:
            keys = list(key)
        except TypeError:
            raise WrongType(f"expected a word, an index or several, got {key!r}") from None
        if not keys:
            raise NoKeys("expected at least one word to look up, got an empty list")
        return np.stack([self.get_vector(one) for one in keys])

    @property
    def dim(self) -> int:
        """The dimensions of a vector."""
        return int(self.matrix.shape[1])

    @property
    def vector_size(self) -> int:
        """The dimensions of a vector: gensim's name for `dim`."""
        return self.dim

    @property
    def vectors(self) -> Any:
        """(V, D) the vectors: gensim's name for `matrix`."""
        return self.matrix

    @vectors.setter
    def vectors(self, matrix: Any) -> None:
        self._changed()
        self.matrix = matrix

    @property
    def index_to_key(self) -> list[str]:
        """The words in order: gensim's name for `words`."""
        return self.words

    @property
    def key_to_index(self) -> dict[str, int]:
        """The index of each word."""
        return self._places

    @property
    def counts(self) -> np.ndarray | None:
        """(V,) int64, occurrences of each word; None if unknown."""
        return self.attributes.get(COUNT)

    @cached_property
    def _places(self) -> dict[str, int]:
        places = {word: place for place, word in enumerate(self.words)}
        if len(places) < len(self.words):
            first = next(w for place, w in enumerate(self.words) if places[w] != place)
            raise UsageError(f"expected different words, but {first!r} occurs more than once")
        return places

    def _place(self, key: Any) -> int | None:
        try:
            place = self._places.get(key)
        except TypeError:  # no hash, so no word
            return None
        if place is None and isinstance(key, (int, np.integer)) and 0 <= key < len(self):
            return int(key)
        return place

    def index(self, key: Any) -> int:
        """Return the index of a word in order of frequency, from 0; an index stands for itself.

        Raises:
            UnknownWord: names the words with the most similar spelling.
        """
        place = self._place(key)
        if place is not None:
            return place
        if isinstance(key, str):
            hint = did_you_mean(key, self._spelt_alike(key))
            said = f"{key!r} is none of the {len(self)} words that have a vector.{hint}"
        else:
            said = f"expected a word or an index below {len(self)}, got {str(key)[:60]!r}"
        raise UnknownWord(said)

    def _spelt_alike(self, word: str) -> list[str]:
        """Return candidates of similar spelling: about the same length, same start or end."""
        low = word.lower()
        return [
            known
            for known in map(str, self.words)
            if abs(len(known) - len(word)) < 3
            and (known[:1].lower() == low[:1] or known[-2:].lower() == low[-2:])
        ]

    def get_index(self, key: Any, default: int | None = None) -> int:
        """Return the index of a word, or `default` if it is given and the word has no vector."""
        place = self._place(key)
        return default if place is None and default is not None else self.index(key)

    def has_index_for(self, key: Any) -> bool:
        """Return whether a word has a vector of its own, or an index a word."""
        return self._place(key) is not None

    def get_vector(self, key: Any, norm: bool = False) -> np.ndarray:
        """Return the vector of a word or index, (D,) float32, read-only; of length 1 if `norm`."""
        place = self.index(key)
        if norm:
            row = np.asarray(self.matrix[place], dtype=np.float64)
            length = float(np.sqrt(row @ row))
            row = (row / length if length else row).astype(np.float32)
        else:
            row = np.asarray(self.matrix[place], dtype=np.float32).view()
        row.flags.writeable = False
        return row

    @cached_property
    def norms(self) -> np.ndarray:
        """(V,) float32, computed once: the length of each vector."""
        parts = [
            np.linalg.norm(np.asarray(self.matrix[s : s + _CHUNK], dtype=np.float64), axis=1)
            for s in range(0, len(self), _CHUNK)
        ]
        return np.concatenate([np.empty(0), *parts]).astype(np.float32)

    @cached_property
    def unit(self) -> np.ndarray:
        """(V, D) float32, computed once: vectors scaled to length 1; zero vectors stay zero.

        Raises:
            UsageError: a value is not finite.
        """
        unit = np.empty(tuple(self.matrix.shape), dtype=np.float32)
        for start in range(0, len(self), _CHUNK):
            rows = np.asarray(self.matrix[start : start + _CHUNK], dtype=np.float32)
            lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64))
            if not np.isfinite(lengths).all():
                wrong = self.words[start + int(np.flatnonzero(~np.isfinite(lengths))[0])]
                raise UsageError(f"the vector of {wrong!r} holds numbers that are not finite")
            lengths[lengths == 0] = 1
            np.divide(rows, lengths[:, None], out=unit[start : start + _CHUNK], casting="same_kind")
        return unit

    def get_normed_vectors(self) -> np.ndarray:
        """Return the vectors scaled to length 1, (V, D) float32: gensim's name for `unit`."""
        return self.unit

    def fill_norms(self, force: bool = False) -> None:
        """Compute the lengths now; with `force` again, after the vectors were changed by hand."""
        if force:
            self._changed()
        _ = self.norms, self.unit

    def first(self, n: int) -> Self:
        """Return the `n` most frequent words; equal calls return the same object."""
        if n >= len(self):
            return self
        if n not in self._firsts:
            output = None if self.output is None else self.output[:n]
            counts = None if self.counts is None else self.counts[:n]
            cut = type(self).of(self.words[:n], self.matrix[:n], counts, output)
            if "unit" in self.__dict__:
                cut.__dict__["unit"] = self.unit[:n]
            self._firsts[n] = cut
        return self._firsts[n]
