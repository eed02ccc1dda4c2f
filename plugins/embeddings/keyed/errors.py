"""Errors of word vectors: one line for people, and the built-in class that callers catch.

A script written for gensim catches KeyError, ValueError or TypeError; the command line catches
UsageError. Each error below is both.
"""

from __future__ import annotations

from nntasks.errors import MissingError, UsageError


class UnknownWord(UsageError, KeyError):
    """A word or an index outside the vocabulary, or an attribute that no word has."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show quotes around the sentence


class WrongValue(UsageError, ValueError):
    """A value out of range, or a vector of another size."""


class WrongType(UsageError, TypeError):
    """An argument of a type that has no meaning there."""


class NoKeys(WrongValue, ZeroDivisionError):
    """An empty list, of which there is no mean and no nearest one."""


class NotOffered(UsageError, NotImplementedError):
    """Something that gensim has and this class refuses by name."""


class RemovedName(UsageError, AttributeError):
    """An attribute of another version of gensim, or one that this class does not have."""


class NoFile(UsageError, FileNotFoundError):
    """A file that is not there."""


class MissingPackage(MissingError, ImportError):
    """An optional package is not installed."""
