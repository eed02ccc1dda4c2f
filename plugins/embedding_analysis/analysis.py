"""All results of a run about its vectors, each computed on first use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.machine.copy_ahead import Ahead
from nntasks.plugins.embedding_analysis.config import AnalysisConfig
from nntasks.plugins.embedding_analysis.groups import Groups, Relation, columns, known, read_groups
from nntasks.plugins.embedding_analysis.groups import relations as relations_of
from nntasks.plugins.embedding_analysis.maps.choice import FREQUENT, map_words
from nntasks.plugins.embedding_analysis.maps.layouts import (
    Layout,
    TsneSettings,
    all_layouts,
    check_installed,
)
from nntasks.plugins.embedding_analysis.maps.page import MapContent
from nntasks.plugins.embedding_analysis.measures.association import (
    Association,
    WeatTest,
    weat,
    weat_tests,
)
from nntasks.plugins.embedding_analysis.measures.frequency import (
    FrequencyEffects,
    frequency_effects,
)
from nntasks.plugins.embedding_analysis.measures.isotropy import Isotropy, isotropy
from nntasks.plugins.embedding_analysis.measures.nearest import nearest
from nntasks.plugins.embedding_analysis.measures.outliers import (
    OutlierResult,
    detect,
    outlier_tests,
    read_tests,
)
from nntasks.plugins.embedding_analysis.measures.stability import Stability, common_words, stability
from nntasks.plugins.embedding_analysis.measures.translation import (
    Translation,
    read_dictionary,
    translations,
)
from nntasks.plugins.embedding_analysis.model import VectorsModel
from nntasks.plugins.embedding_analysis.word_lists import BUILT_IN
from nntasks.plugins.embeddings.question_answering import Answer, Method, QuestionAnswerer
from nntasks.plugins.embeddings.questions import Analogy, Question, kind_of
from nntasks.plugins.embeddings.vectors import KeyedVectors

GEOMETRY = 100_000  # the geometry is measured on so many most frequent words
_TWO_SETS = "dictionary: expected two sets of vectors, such as vectors=en,fr"
_HALF = 20  # words per group in a WEAT test built from groups
_SHOWN = 12  # words with neighbours in the report


class Analysis:
    """The analysis of the vectors of a model.

    Args:
        model: the model with its sets of vectors.
        questions: the questions of the run.
        config: the keys of the task.
    """

    def __init__(
        self, model: VectorsModel, questions: Sequence[Question], config: AnalysisConfig
    ) -> None:
        self.sets = model.sets
        self.questions = questions
        self.config = config
        self._ahead: Ahead | None = None

    def check(self) -> None:
        """Check that the analysis is possible, before anything is written.

        Raises:
            UsageError: a chosen word has no vector, or a file of words cannot be read.
            MissingError: a layout needs a package that is not installed.
        """
        config = self.config
        check_files(config)
        if config.words:
            map_words(self.vectors, config.words, {}, len(config.words))
        if config.dictionary:
            self._translated(config.dictionary)

    @property
    def vectors(self) -> KeyedVectors:
        """The analysed vectors."""
        return next(iter(self.sets.values()))

    @cached_property
    def relations(self) -> list[Relation]:
        """The word pairs of the analogies."""
        return relations_of(self.questions, self.vectors)

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Word groups from the user's file, or from the analogies."""
        path = self.config.groups
        return known(read_groups(path), self.vectors) if path else columns(self.relations)

    def answers(self, method: Method) -> list[tuple[Analogy, Answer]]:
        """Return the analogies with their answers by one method."""
        asked = [question for question in self.questions if isinstance(question, Analogy)]
        respondent = QuestionAnswerer(self.vectors, restrict=self.config.restrict, method=method)
        return list(zip(asked, respondent.answer(asked), strict=True))

    @cached_property
    def by_method(self) -> dict[Method, list[tuple[Analogy, Answer]]]:
        """The analogies answered by 3CosAdd and by 3CosMul."""
        return {"cosadd": self.answers("cosadd"), "cosmul": self.answers("cosmul")}

    @cached_property
    def isotropy(self) -> dict[str, Isotropy]:
        """The geometry of each set, over its most frequent words."""
        found = {}
        for name, vectors in self.sets.items():
            part = vectors.first(GEOMETRY)
            found[name] = isotropy(np.asarray(part.matrix, dtype=np.float32), part.unit)
        return found

    @cached_property
    def frequency(self) -> FrequencyEffects:
        """The effects of word frequency."""
        return frequency_effects(self.vectors, self.config.sample, self.config.neighbours)

    @cached_property
    def stability(self) -> Stability | None:
        """Agreement of the sets; None for a single set, or without common words."""
        if len(self.sets) < 2 or len(common_words(list(self.sets.values()), 3)) < 3:
            return None
        return stability(self.sets, self.config.sample, self.config.neighbours)

    @cached_property
    def translations(self) -> list[Translation]:
        """Translations from the second set to the first; none without a dictionary."""
        return self._translated(self.config.dictionary) if self.config.dictionary else []

    def _translated(self, path: Path) -> list[Translation]:
        listed = read_dictionary(path)
        if len(self.sets) < 2:
            raise UsageError(_TWO_SETS)
        target, source, *_ = self.sets.values()
        return translations(source, target, listed, self.config.restrict, self.config.seed)

    @cached_property
    def outliers(self) -> list[OutlierResult]:
        """The results of outlier detection."""
        path = self.config.outliers
        # Grammatical relations form no category: `better` and `taller` share no meaning.
        meant = {name: g for name, g in self.groups.items() if kind_of(name) == "semantic"}
        tests = read_tests(path) if path else outlier_tests(meant)
        return [detect(self.vectors, test) for test in tests]

    @cached_property
    def associations(self) -> list[Association]:
        """WEAT results of the user's tests, the built-in ones, or tests built from the groups."""
        path = self.config.weat
        if path:
            return self._tested(weat_tests(read_groups(path), path))
        found = self._tested(BUILT_IN)
        covered = any(not isnan(association.effect) for association in found)
        return found if covered else [*found, *self._tested(_halves(self.groups))]

    def _tested(self, tests: Sequence[WeatTest]) -> list[Association]:
        config = self.config
        return [
            weat(self.vectors, test, permutations=config.permutations, seed=config.seed)
            for test in tests
        ]

    @cached_property
    def shown_words(self) -> list[str]:
        """Words with neighbours in the report: chosen words, words of groups, or frequent words."""
        if self.config.words:
            return list(map_words(self.vectors, self.config.words, {}, len(self.config.words)))
        found = [words[0] for words in self.groups.values()]
        steps = np.unique(np.linspace(0, (len(self.vectors) - 1) // 2, _SHOWN).astype(int))
        return (found or [self.vectors.words[place] for place in steps])[:_SHOWN]

    def neighbours_of(
        self, words: Sequence[str], vectors: KeyedVectors
    ) -> list[list[tuple[str, float]]]:
        """Return the nearest words and their cosines for each of `words`."""
        places = np.array([vectors.index(word) for word in words], dtype=np.int64)
        found, cosines = nearest(vectors.unit, places, self.config.neighbours)
        return [
            [(vectors.words[i], float(c)) for i, c in zip(row, near, strict=True)]
            for row, near in zip(found, cosines, strict=True)
        ]

    @cached_property
    def on_map(self) -> dict[str, str]:
        """The words of the maps with their groups; only words that all sets have."""
        config = self.config
        allowed = None
        if len(self.sets) > 1:
            allowed = dict.fromkeys(common_words(list(self.sets.values())), 0)
        # Chosen words come without groups, unless a file of groups was given.
        groups: Groups = {} if config.words and not config.groups else self.groups
        return map_words(self.vectors, config.words, groups, config.map_words, allowed)

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        """The positions of the words, by layout and set; none for fewer than three words."""
        if self._ahead is not None:
            return self._ahead.result()
        call = self._laying_out()
        return call[0](*call[1:]) if call else {}

    def lay_out_meanwhile(self, ahead: Ahead) -> None:
        """Let a copy of this process compute `layouts`, which waits for it."""
        call = self._laying_out()
        if call:
            self._ahead = ahead
            ahead.begin(*call)

    def _laying_out(self) -> tuple[Any, ...] | None:
        """Return the call that computes all layouts; None for fewer than three words."""
        words = list(self.on_map)
        if len(words) < 3:
            return None
        points = {
            name: vectors.unit[[vectors.index(word) for word in words]]
            for name, vectors in self.sets.items()
        }
        config = self.config
        settings = TsneSettings(config.perplexity, config.tsne_steps)
        return all_layouts, config.maps, points, config.seed, settings

    def map_content(self, title: str) -> MapContent:
        """Return the content of the interactive map."""
        words, counts = list(self.on_map), self.vectors.counts
        places = [self.vectors.index(word) for word in words]
        return MapContent(
            title,
            self.on_map,
            [place + 1 for place in places],
            None if counts is None else [int(counts[place]) for place in places],
            self.layouts,
            {name: self.neighbours_of(words, vectors) for name, vectors in self.sets.items()},
        )

    @property
    def mapped_groups(self) -> list[str]:
        """The names of the groups on the map, the frequent words last."""
        names = list(dict.fromkeys(self.on_map.values()))
        return sorted(names, key=lambda name: name == FREQUENT)


def check_files(config: AnalysisConfig) -> None:
    """Check what can be checked without vectors, before any are trained.

    Raises:
        UsageError: a file of words cannot be read, or a dictionary has but one set of vectors.
        MissingError: a layout needs a package that is not installed.
    """
    check_installed(config.maps)
    for path in filter(None, (config.groups, config.weat)):
        read_groups(path)
    if config.outliers:
        read_tests(config.outliers)
    if config.dictionary and len(config.vectors) < 2:
        raise UsageError(_TWO_SETS)
    if config.dictionary:
        read_dictionary(config.dictionary)


def _halves(groups: Groups) -> list[WeatTest]:
    """Build tests of one group against the next: is each half closer to its other half?

    Every second word is a target, the others are attributes. For meaningful groups the effect is
    near 2, so these tests measure how well the vectors separate the groups.
    """
    large = [(name, words[:_HALF]) for name, words in groups.items() if len(words) > 3]
    pairs = zip(large[::2], large[1::2], strict=False)
    return [
        WeatTest(f"{x} against {y}", a[::2], b[::2], a[1::2], b[1::2]) for (x, a), (y, b) in pairs
    ]
