"""User texts: files, folders, patterns."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Literal

from pydantic import Field

from nntasks.config import Options, Paths
from nntasks.errors import UsageError
from nntasks.interfaces import Dataset, Splits
from nntasks.plugins.embeddings.questions import (
    Question,
    QuestionSplit,
    question_info,
    read_analogies,
    read_pairs,
)
from nntasks.plugins.word2vec.texts import Reading, TextPaths


class TextOptions(Options):
    """Options of `data=text`."""

    path: Paths = Field(
        (),
        description="files, folders or patterns, separated by commas; .gz, .xz "
        "and .bz2 are read too",
    )
    sentence: Literal["line", "document"] = Field(
        "line",
        description="where context windows end: at each line, or at the end of a file (document)",
    )
    encoding: str = Field("utf-8", description="encoding of the texts, such as latin-1 or cp1252")
    errors: Literal["strict", "ignore", "replace"] = Field(
        "strict", description="how to handle bytes outside the encoding"
    )
    lowercase: bool = Field(False, description="convert words to lower case")
    analogies: Path | None = Field(None, description="file of analogies, four words per line")
    pairs: Paths = Field(
        (), description="files of word pairs, separated by commas: two words and a score per line"
    )


class TextFiles(Dataset):
    """Words separated by white space; questions only from the named files."""

    Config = TextOptions

    def load(self, root: Path | None) -> Splits:
        options = self.options
        if not options.path:
            raise UsageError("data.path: expected text files, folders or patterns, got none")
        paths = [path for word in options.path for path in _found(word)]
        questions: list[Question] = []
        if options.analogies is not None:
            questions += read_analogies(options.analogies)
        for name in options.pairs:
            questions += read_pairs(Path(name))
        asked = QuestionSplit(questions)
        reading = Reading(options.sentence, options.errors, options.lowercase, options.encoding)
        validation = asked if questions else None
        return Splits(TextPaths(paths, reading), validation, asked, question_info(questions))


def _found(word: str) -> list[Path]:
    path = Path(word)
    if path.exists():
        return [path]
    found = [Path(name) for name in sorted(glob.glob(word, recursive=True))]
    if not found:
        raise UsageError(f"data.path: expected a file, a folder or a pattern, found none at {word}")
    return found
