"""Analogy and word pair questions, their files, and their split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo, Split
from nntasks.plugins.embeddings.lines import read_lines
from nntasks.plugins.embeddings.pair_lists import rows_of


@dataclass(frozen=True)
class Analogy:
    """`a` is to `b` as `c` is to `d`, the expected answer.

    Attributes:
        section: the relation, as named in the file.
        id: unique among questions: `analogy/SECTION/NUMBER`.
    """

    section: str
    a: str
    b: str
    c: str
    d: str
    id: str

    @property
    def expected(self) -> str:
        """The expected word."""
        return self.d


@dataclass(frozen=True)
class Pair:
    """Two words with a human similarity score.

    Attributes:
        set: its list, in lower case for metric names: `wordsim353`.
        score: the human score, on the list's own scale; larger is more similar.
        id: unique among questions: `pair/SET/NUMBER`.
    """

    set: str
    first: str
    second: str
    score: float
    id: str

    @property
    def expected(self) -> float:
        """The human score."""
        return self.score


Question = Analogy | Pair


class QuestionSplit(Split):
    """Questions as the samples of a split: targets are expected words and scores.

    Raises:
        UsageError: two questions have one id.
    """

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions = list(questions)
        ids = [question.id for question in self.questions]
        if len(set(ids)) < len(ids):
            twice = next(i for place, i in enumerate(ids) if i in ids[:place])
            raise UsageError(f"expected one question of the id {twice!r}, got several")

    def __len__(self) -> int:
        return len(self.questions)

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        chosen = [self.questions[index] for index in indices]
        return Batch(chosen, [q.expected for q in chosen], [q.id for q in chosen])


def question_info(questions: Iterable[Question]) -> DataInfo:
    """Return the data description for the metric: sections and sets, in order."""
    questions = list(questions)
    sections = dict.fromkeys(q.section for q in questions if isinstance(q, Analogy))
    sets = dict.fromkeys(q.set for q in questions if isinstance(q, Pair))
    return DataInfo(details={"sections": list(sections), "sets": list(sets)})


def kind_of(section: str) -> str:
    """Return "syntactic" for sections `gram...`, as the authors of the file name them."""
    return "syntactic" if section.startswith("gram") else "semantic"


def parse_id(name: int | str) -> tuple[str, str]:
    """Return "analogy" and the section, or "pair" and the set, of a question's id."""
    kind, _, rest = str(name).partition("/")
    return kind, rest.rpartition("/")[0]


def analogies(section: str, rows: Iterable[Sequence[str]], start: int = 1) -> list[Analogy]:
    """Return one question for every four words, numbered from `start`."""
    return [
        Analogy(section, a, b, c, d, f"analogy/{section}/{number}")
        for number, (a, b, c, d) in enumerate(rows, start)
    ]


def read_analogies(path: Path) -> list[Analogy]:
    """Read lines of four words, separated by blanks, tabs or commas, and lines `: section`.

    Questions before the first section belong to a section named after the file. Lines that begin
    with `#` are comments.

    Raises:
        UsageError: a line is neither, or the file has no questions.
    """
    found: list[Analogy] = []
    counts: dict[str, int] = {}
    section = set_name(path.name.partition(".")[0])
    for number, line in enumerate(read_lines(path, "questions"), start=1):
        words = line.replace(",", " ").split()
        if not words or line.startswith("#"):
            continue
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        if len(words) != 4:
            raise UsageError(
                f"{path}, line {number}: expected four words or `: section`, got {line[:60]!r}"
            )
        counts[section] = counts.get(section, 0) + 1
        found += analogies(section, [words], counts[section])
    if not found:
        raise UsageError(f"{path} holds no analogies: expected `: section` and four words per line")
    return found


def read_pairs(
    path: Path, name: str | None = None, *, encoding: str = "utf-8", separator: str = "\t"
) -> list[Pair]:
    """Read two words and a score per line, in the formats of published lists.

    Args:
        path: the file; see `pair_lists` for the supported columns.
        name: name of the list; by default that of the file.
        encoding: of the file.
        separator: what stands between the columns, if none of the usual ones does.

    Raises:
        UsageError: a line is not a pair, or the file has no pairs.
    """
    name = set_name(path.name.partition(".")[0] if name is None else name)
    lines = read_lines(path, "questions", encoding)
    rows = rows_of([line.replace(separator, "\t") for line in lines], path)
    found = [
        Pair(name, first, second, score, f"pair/{name}/{place}")
        for place, (_, first, second, score) in enumerate(rows, 1)
    ]
    if not found:
        raise UsageError(f"{path} holds no pairs: expected two words and a score per line")
    return found


def set_name(text: str) -> str:
    """Return a list's name in the characters of metric names: a-z, 0-9 and _."""
    return re.sub(r"\W+", "_", text.lower()).strip("_") or "pairs"
