"""Word groups: from a user's file, or from the columns of the analogies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.lines import read_lines
from nntasks.plugins.embeddings.questions import Analogy, Question, kind_of
from nntasks.plugins.embeddings.vectors import KeyedVectors

Groups = Mapping[str, Sequence[str]]
MOST = 12


def read_groups(path: Path) -> dict[str, list[str]]:
    """Read lines `name: word word ...`; `#` is a comment.

    Raises:
        UsageError: a line is malformed, a name is repeated, or there is no group.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(read_lines(path, "groups of words"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, words = line.partition(":")
        name = name.strip()
        if not colon or not name or not words.split() or name in found:
            problem = f"another name than {name!r}" if name in found else "`name: word word ...`"
            raise UsageError(f"{path}, line {number}: expected {problem}, got {line[:60]!r}")
        found[name] = words.split()
    if not found:
        raise UsageError(f"{path} contains no groups: expected lines `name: word word ...`")
    return found


@dataclass(frozen=True)
class Relation:
    """The word pairs of a section of analogies, in the spelling of the vectors."""

    name: str
    pairs: list[tuple[str, str]]


def relations(questions: Iterable[Question], vectors: KeyedVectors) -> list[Relation]:
    """Return the word pairs of the analogies of each section.

    Only pairs whose words have vectors, as given or in lower case.
    """
    pairs: dict[str, dict[tuple[str, str], None]] = {}
    for question in questions:
        if isinstance(question, Analogy):
            section = pairs.setdefault(question.section, {})
            for a, b in ((question.a, question.b), (question.c, question.d)):
                section[a, b] = None
    found = []
    for name, rows in pairs.items():
        spelt = [(spelling(a, vectors), spelling(b, vectors)) for a, b in rows]
        known = [(a, b) for a, b in spelt if a is not None and b is not None]
        if known:
            found.append(Relation(name, known))
    return found


def spelling(word: str, vectors: KeyedVectors) -> str | None:
    """Return the word as given or in lower case, whichever has a vector; else None."""
    return next((form for form in (word, word.lower()) if vectors.has_index_for(form)), None)


def columns(found: Sequence[Relation]) -> dict[str, list[str]]:
    """Return each side of each relation as a group; every word is in one group only.

    At most MOST groups, which a map can distinguish; semantic relations come first.
    """
    groups: dict[str, list[str]] = {}
    taken: set[str] = set()
    for relation in sorted(found, key=lambda relation: kind_of(relation.name)):
        if len(groups) >= MOST:
            break
        for side in (0, 1):
            words = [
                w for w in dict.fromkeys(pair[side] for pair in relation.pairs) if w not in taken
            ]
            taken.update(words)
            if len(words) > 1:
                groups[f"{relation.name} ({side + 1})"] = words
    return groups


def known(groups: Groups, vectors: KeyedVectors) -> dict[str, list[str]]:
    """Return the groups without words that have no vector, and without empty groups."""
    spelt = {name: [spelling(word, vectors) for word in words] for name, words in groups.items()}
    kept = {name: [word for word in words if word is not None] for name, words in spelt.items()}
    return {name: list(dict.fromkeys(words)) for name, words in kept.items() if words}
