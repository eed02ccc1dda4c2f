"""Wikipedia normalised as in text8: lower-case letters, single spaces, one line."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from nntasks.config import Options
from nntasks.datasets import DataStore
from nntasks.interfaces import DataFile, Dataset, Splits
from nntasks.plugins.embeddings.data import EmbeddingEval
from nntasks.plugins.embeddings.questions import QuestionSplit, question_info
from nntasks.plugins.word2vec.texts import Reading, TextPaths


class WikipediaOptions(Options):
    """Options of `data=wikipedia`."""

    questions: bool = Field(
        True, description="evaluate on Google analogies, WordSim-353 and SimLex-999"
    )


class Wikipedia(Dataset):
    """100,000,000 characters, 16,908,768 words; similar to text8 but another file."""

    Config = WikipediaOptions
    folder = "text8"
    source = "English Wikipedia, dump of 2015, 6,373 articles, normalised as in text8"
    licence = "CC BY-SA 3.0, Wikipedia contributors"
    files: ClassVar[tuple[DataFile, ...]] = (
        DataFile(
            "enwiki_text8style.xz",
            23151720,
            "5edaae0d00fecdfa5503e711b881587e4c3018f73dc2652f5344c93ff7857832",
        ),
    )

    def load(self, root: Path | None) -> Splits:
        assert root is not None
        texts = TextPaths([root / self.files[0].path], Reading(sentence="document"))
        if not self.options.questions:
            return Splits(texts, None, QuestionSplit([]), question_info([]))
        store = DataStore.from_environment()
        asked = EmbeddingEval.questions(store.require("embedding_eval", EmbeddingEval))
        split = QuestionSplit(asked)
        return Splits(texts, split, split, question_info(asked))
