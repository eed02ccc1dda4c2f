"""A generated corpus with planted relations, against which a run can be checked.

Every content word stands for a thing in a role: paris is France in the role of a capital. Its
sentences contain words of the thing, which `paris` and `france` share, and words of the role, which
all capitals share, among frequent filler words. So paris - france + spain = madrid holds as far as
training finds the planted relations.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.interfaces import Dataset, Splits
from nntasks.plugins.embeddings.questions import (
    Pair,
    Question,
    QuestionSplit,
    analogies,
    question_info,
)
from nntasks.plugins.word2vec.texts import MadeText

RELATIONS = {
    "capital-country": (
        "athens greece, berlin germany, cairo egypt, dublin ireland, havana cuba, kabul "
        "afghanistan, london england, madrid spain, oslo norway, paris france, rome italy, "
        "tokyo japan"
    ),
    "man-woman": (
        "actor actress, boy girl, brother sister, dad mum, duke duchess, grandfather "
        "grandmother, groom bride, husband wife, king queen, nephew niece, son daughter, "
        "uncle aunt"
    ),
    "animal-young": (
        "bear cub, cow calf, dog puppy, duck duckling, eagle eaglet, frog tadpole, goat kid, "
        "goose gosling, hen chick, horse foal, pig piglet, sheep lamb"
    ),
    "gram-comparative": (
        "bad worse, big bigger, bright brighter, cheap cheaper, cold colder, easy easier, "
        "fast faster, good better, high higher, old older, strong stronger, warm warmer"
    ),
    "gram-past": (
        "dance danced, fly flew, go went, hear heard, know knew, play played, say said, see saw, "
        "sing sang, sleep slept, swim swam, walk walked"
    ),
    "gram-plural": (
        "bird birds, bottle bottles, car cars, child children, city cities, cloud clouds, finger "
        "fingers, hand hands, machine machines, mouse mice, road roads, tree trees"
    ),
}
FREQUENT = (
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "was", "on", "with", "as", "be",
    "by", "at", "from", "this", "had", "not", "are", "but", "or", "have", "an", "they", "which",
)  # fmt: skip
OF_A_THING, OF_A_ROLE = 5, 6  # words of each thing, of each role
SHARED = 2  # words that a thing shares with the next
_THINGS_HEARD, _ROLES_HEARD, _FREQUENT_HEARD = 3, 3, 2  # words of each kind in a sentence
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
SCALE = 10.0  # scale of the pair scores, as in WordSim-353
PAIRS = 400


class PlantedOptions(Options):
    """Size."""

    sentences: int = Field(
        30_000, ge=1000, le=10**7, description="number of sentences, of nine words each"
    )


class Planted(Dataset):
    """72 word pairs in six relations, with analogies and known similarities."""

    Config = PlantedOptions
    source = "generated"

    def load(self, root: Path | None) -> Splits:
        size, seed = self.options.sentences, self.seeds.seed
        text = MadeText(
            f"planted-{size}-{seed}", lambda: sentences(self.seeds.numpy("planted"), size)
        )
        asked = questions()
        split = QuestionSplit(asked)
        return Splits(text, split, split, question_info(asked))


@lru_cache(maxsize=1)
def meanings() -> dict[str, tuple[str, ...]]:
    """Return the context words of each content word: OF_A_THING, then OF_A_ROLE."""
    found: dict[str, tuple[str, ...]] = {}
    names = _made_words()
    for pairs in _pairs().values():
        step = OF_A_THING - SHARED
        topics = [next(names) for _ in range(step * len(pairs))]
        roles = [tuple(next(names) for _ in range(OF_A_ROLE)) for _ in range(2)]
        for place, pair in enumerate(pairs):
            thing = tuple(topics[(step * place + i) % len(topics)] for i in range(OF_A_THING))
            for word, role in zip(pair, roles, strict=True):
                found[word] = thing + role
    return found


def sentences(rng: np.random.Generator, count: int) -> Iterator[str]:
    """Yield sentences: one content word, words of its thing and role, and filler words."""
    words = list(meanings().items())
    shares = 1 / np.arange(1, len(FREQUENT) + 1)
    shares /= shares.sum()
    for place in rng.integers(0, len(words), count):
        word, met = words[place]
        sentence = [
            word,
            *rng.choice(met[:OF_A_THING], _THINGS_HEARD),
            *rng.choice(met[OF_A_THING:], _ROLES_HEARD),
            *rng.choice(FREQUENT, _FREQUENT_HEARD, p=shares),
        ]
        yield " ".join(sentence[i] for i in rng.permutation(len(sentence)))


def questions() -> list[Question]:
    """Return every analogy within a relation, and pairs with their planted similarity."""
    asked: list[Question] = []
    for section, pairs in _pairs().items():
        rows = [(a, b, c, d) for (a, b), (c, d) in permutations(pairs, 2)]
        asked += analogies(section, rows)
    return [*asked, *planted_pairs()]


def planted_pairs() -> list[Pair]:
    """Return PAIRS of words, scored by the share of context words that both have.

    Most pairs come from one relation; the others share no context words.
    """
    met = meanings()
    rng = np.random.Generator(np.random.PCG64(0))
    groups = [[word for pair in pairs for word in pair] for pairs in _pairs().values()]
    within = [pair for group in groups for pair in combinations(group, 2)]
    across = [
        (str(rng.choice(groups[i])), str(rng.choice(groups[j])))
        for i, j in permutations(range(len(groups)), 2)
    ]
    chosen = [within[i] for i in rng.choice(len(within), PAIRS - len(across), replace=False)]
    pairs = [*chosen, *across]
    return [
        Pair("planted", a, b, SCALE * _common(met[a], met[b]), f"pair/planted/{number}")
        for number, (a, b) in enumerate(pairs, 1)
    ]


def _common(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    return len(set(a) & set(b)) / len(set(a) | set(b))


def _pairs() -> dict[str, list[tuple[str, str]]]:
    return {
        section: [(a, b) for a, b in (pair.split() for pair in text.split(","))]
        for section, text in RELATIONS.items()
    }


def _made_words() -> Iterator[str]:
    """Yield distinct meaningless words."""
    size = len(_SYLLABLES)
    for place in range(size * size):
        first, second = divmod(place * 37 % (size * size), size)  # 37 is coprime
        yield f"{_SYLLABLES[first]}{_SYLLABLES[second]}q"
