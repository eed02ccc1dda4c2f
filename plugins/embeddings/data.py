"""Data sets of questions: public ones and user files."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from nntasks.config import Options, Paths
from nntasks.datasets import DataStore
from nntasks.errors import UsageError
from nntasks.interfaces import DataFile, Dataset, Splits
from nntasks.plugins.embeddings.questions import (
    Question,
    QuestionSplit,
    question_info,
    read_analogies,
    read_pairs,
)

_PUBLIC = "https://raw.githubusercontent.com/piskvorky/gensim/4.4.0/gensim/test/test_data"


def as_splits(questions: list[Question]) -> Splits:
    """Return questions as a data set with a test split only."""
    split = QuestionSplit(questions)
    return Splits(None, split, split, question_info(questions))


class EmbeddingEval(Dataset):
    """19,544 Google analogies in 14 sections, WordSim-353 and SimLex-999."""

    folder = "embedding_eval"
    source = (
        "T. Mikolov et al., Efficient Estimation of Word Representations in Vector Space, 2013 "
        "(analogies); L. Finkelstein et al., Placing Search in Context, TOIS 2002 (WordSim-353); "
        "F. Hill, R. Reichart, A. Korhonen, SimLex-999, Computational Linguistics 2015"
    )
    licence = "analogies: Apache-2.0; WordSim-353: CC BY 4.0; SimLex-999: for research"
    files = (
        DataFile(
            "questions-words.txt",
            603955,
            "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
            f"{_PUBLIC}/questions-words.txt",
        ),
        DataFile(
            "wordsim353.tsv",
            7186,
            "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
            f"{_PUBLIC}/wordsim353.tsv",
        ),
        DataFile(
            "simlex999.txt",
            18126,
            "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
            f"{_PUBLIC}/simlex999.txt",
        ),
    )

    def load(self, root: Path | None) -> Splits:
        assert root is not None
        return as_splits(self.questions(root))

    @classmethod
    def questions(cls, root: Path) -> list[Question]:
        """Read all questions from the folder of the data set."""
        analogies, *pairs = (root / file.path for file in cls.files)
        found: list[Question] = [*read_analogies(analogies)]
        for path in pairs:
            found += read_pairs(path)
        return found


class QuestionFileOptions(Options):
    """Options of user questions."""

    analogies: Path | None = Field(
        None, description="file of analogies: lines `: section`, and lines of four words"
    )
    pairs: Paths = Field(
        (),
        description="files of word pairs, separated by commas: two words and a score per line; "
        "file names become part of metric names",
    )


class QuestionFiles(Dataset):
    """User questions in the formats of the public ones."""

    Config = QuestionFileOptions

    def load(self, root: Path | None) -> Splits:
        found: list[Question] = []
        if self.options.analogies is not None:
            found += read_analogies(self.options.analogies)
        for path in self.options.pairs:
            found += read_pairs(Path(path))
        if not found:
            raise UsageError(
                "expected files of questions, got none; give data.analogies=FILE or "
                "data.pairs=FILE,FILE"
            )
        return as_splits(found)


def public_questions(store: DataStore) -> list[Question] | None:
    """Return the public questions, or None if the data store lacks them."""
    root = store.find(EmbeddingEval)
    return None if root is None else EmbeddingEval.questions(root)
