"""Changes of the words, their vectors and their attributes. Nothing changes if a check fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.plugins.embeddings.keyed.errors import UnknownWord, WrongType, WrongValue
from nntasks.plugins.embeddings.keyed.storage import COUNT, Storage, is_key
from nntasks.seeding import Seeds

if TYPE_CHECKING:
    from typing_extensions import Self

_STORED = {bool: np.int64, int: np.int64, float: np.float64}  # other values are kept as objects


class Editing(Storage):
    """Vectors to which words can be added."""

    def add_vector(self, key: Any, vector: Any) -> int:
        """Add a word with its vector (D,), or keep the vector of a known word; return its index."""
        self.add_vectors([key], np.asarray(vector)[None])
        return self.index(key)

    def add_vectors(
        self,
        keys: Any,
        weights: Any,
        extras: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> None:
        """Add words with their vectors.

        Args:
            keys: N different words, or a single one.
            weights: (N, D), a list of N vectors, or the vector (D,) of a single word.
            extras: (N,) values of attributes, by name.
            replace: give known words the new vectors; they keep theirs otherwise.

        Raises:
            WrongValue: the sizes do not fit, or a word comes twice.
        """
        names, rows = self._new_rows(keys, weights)
        added = {name: np.asarray(values) for name, values in (extras or {}).items()}
        for name, values in added.items():
            if values.shape != (len(names),):
                raise WrongValue(
                    f"extras[{name!r}]: expected {len(names)} values, one per word, got shape "
                    f"{values.shape}"
                )
        known = [self._places.get(name, -1) for name in names]
        fresh = [number for number, place in enumerate(known) if place < 0]
        old = [number for number, place in enumerate(known) if place >= 0] if replace else []
        self._append([names[n] for n in fresh], rows[fresh])
        places = [known[n] for n in old]
        self.matrix[places] = rows[old]
        self._changed()
        for name, values in added.items():
            self._allocate(name, values.dtype)
            chosen = [*fresh, *old]
            where = [self._places[names[n]] for n in chosen]
            self.attributes[name][where] = values[chosen]

    def __setitem__(self, keys: Any, weights: Any) -> None:
        """Set the vector of a word, or those of several; unknown words are added."""
        self.add_vectors(keys, weights, replace=True)

    def _new_rows(self, keys: Any, weights: Any) -> tuple[list[Any], np.ndarray]:
        single = is_key(keys)
        names = [keys] if single else list(keys)
        wrong = next((name for name in names if not is_key(name)), None)
        if wrong is not None:
            raise WrongType(f"expected words to add, got {wrong!r}")
        try:
            rows = np.asarray(weights, dtype=np.float64)
        except (TypeError, ValueError):
            raise WrongValue(f"expected vectors of {self.dim} numbers each, got others") from None
        rows = rows.reshape(1, -1) if single else rows
        if rows.shape != (len(names), self.dim) and (len(names) or rows.size):
            raise WrongValue(
                f"expected {len(names)} vectors of {self.dim} numbers, got shape {rows.shape}"
            )
        if len(set(names)) < len(names):
            twice = next(name for n, name in enumerate(names) if name in names[:n])
            raise WrongValue(f"expected different words, but {twice!r} occurs more than once")
        return names, rows.reshape(len(names), self.dim)

    def _append(self, names: Sequence[Any], rows: np.ndarray) -> None:
        """Add rows to all arrays; mapped ones become arrays in memory."""
        matrix = np.asarray(self.matrix)
        self.matrix = np.concatenate([matrix, rows.astype(matrix.dtype)])
        self.words.extend(names)
        if self.output is not None:
            self.output = np.concatenate([self.output, np.zeros_like(rows, np.float32)])
        for name in self.attributes:
            self._allocate(name, self.attributes[name].dtype)

    def _allocate(self, name: str, dtype: Any) -> None:
        """Make an attribute reach to the last word; new values are 0."""
        old = self.attributes.get(name)
        have = 0 if old is None else len(old)
        if old is None or have < len(self):
            fresh = np.zeros(len(self) - have, dtype=dtype if old is None else old.dtype)
            self.attributes[name] = fresh if old is None else np.concatenate([old, fresh])

    def allocate_vecattrs(
        self, attrs: Sequence[str] | None = None, types: Sequence[Any] | None = None
    ) -> None:
        """Make attributes exist, with a 0 for each word: those of `attrs`, or all known ones."""
        for place, name in enumerate(self.attributes if attrs is None else attrs):
            kind = np.int64 if types is None else _STORED.get(types[place], types[place])
            self._allocate(name, kind)

    def set_vecattr(self, key: Any, attr: str, val: Any) -> None:
        """Set an attribute of a word, as its `count`.

        The first value decides the type of the attribute: whole numbers, floats, or objects.

        Raises:
            UnknownWord: the word has no vector.
            WrongType: the attribute holds values of another type.
        """
        place = self.index(key)
        stored = np.dtype(_STORED.get(type(val), getattr(val, "dtype", object)))
        kind = self.attributes[attr].dtype if attr in self.attributes else stored
        if kind.kind != "O" and not np.can_cast(stored, kind, "same_kind"):
            raise WrongType(f"attribute {attr!r}: expected a value of type {kind}, got {val!r}")
        self._allocate(attr, kind)
        self.attributes[attr][place] = val

    def get_vecattr(self, key: Any, attr: str) -> Any:
        """Return an attribute of a word, as its `count`.

        Raises:
            UnknownWord: the word has no vector, or no word has the attribute.
        """
        place = self.index(key)
        if attr not in self.attributes:
            known = ", ".join(map(repr, self.attributes)) or "none"
            raise UnknownWord(f"the words have no attribute {attr!r}; known: {known}")
        return self.attributes[attr][place]

    def resize_vectors(self, seed: int = 0) -> None:
        """Give a vector to each word that was appended to `index_to_key` by hand.

        New vectors are random, uniform in -1 / D to 1 / D, and depend on the seed and on the number
        of words alone.
        """
        names, have = self.words[self.matrix.shape[0] :], self.matrix.shape[0]
        del self.words[have:]
        self._changed()
        if len({*names, *self.words}) < len(names) + have:
            raise WrongValue("expected different words in index_to_key; one occurs more than once")
        drawn = Seeds(seed).numpy("init", have).uniform(-1, 1, (len(names), self.dim)) / self.dim
        self._append(names, drawn)
        self._changed()

    def sort_by_descending_frequency(self) -> None:
        """Sort the words by falling count; equal ones keep their order.

        Raises:
            UnknownWord: the counts are unknown.
        """
        if not len(self):
            return
        if self.counts is None:
            raise UnknownWord(f"cannot sort by frequency: the words have no attribute {COUNT!r}")
        order = np.argsort(-self.counts, kind="stable")
        self.words[:] = [self.words[place] for place in order.tolist()]
        self.matrix = np.asarray(self.matrix)[order]
        self.output = None if self.output is None else np.asarray(self.output)[order]
        self.attributes = {name: values[order] for name, values in self.attributes.items()}
        self._changed()

    def unit_normalize_all(self) -> None:
        """Scale all vectors to length 1, in place; the lengths are lost."""
        self.matrix = self.unit.astype(self.matrix.dtype)
        self._changed()

    def vectors_for_all(
        self, keys: Iterable[Any], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> Self:
        """Return the vectors of those of `keys` that have one, in the order of the keys.

        Args:
            keys: words; repeats and unknown words are left out.
            allow_inference: without effect: no vector is made up for an unknown word.
            copy_vecattrs: copy the attributes; otherwise counts fall from the number of words to 1.
        """
        names = [key for key in dict.fromkeys(keys) if key in self]
        places = [self.index(key) for key in names]
        rows = np.asarray(self.matrix[np.array(places, dtype=np.int64)]).copy()
        made = type(self).of(names, rows, np.arange(len(names), 0, -1))
        if copy_vecattrs:
            made.attributes = {name: values[places] for name, values in self.attributes.items()}
        return made
