"""The task `embedding_analysis`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Model, Outcome, Splits, Task
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.embedding_analysis import figures, report
from nntasks.plugins.embedding_analysis.analysis import Analysis, check_files
from nntasks.plugins.embedding_analysis.config import AnalysisConfig
from nntasks.plugins.embedding_analysis.default_vectors import training_task
from nntasks.plugins.embedding_analysis.explanation import ExplainOptions, explain
from nntasks.plugins.embedding_analysis.maps.page import render_map
from nntasks.plugins.embedding_analysis.model import VectorsModel, read_sets
from nntasks.plugins.embeddings.analogy import analogy
from nntasks.plugins.embeddings.projector import projector_files
from nntasks.plugins.embeddings.question_items import items, metric_of
from nntasks.plugins.embeddings.questions import QuestionSplit

PAGE = "map.html"


class EmbeddingAnalysis(Task):
    """Analysis of word vectors: neighbours, analogies, similarity, geometry, associations, maps.

    `vectors=` names runs of word2vec or vector files, separated by commas; the first is compared
    with the others. Without it, vectors are first trained on the generated corpus. Every run writes
    map.html, an interactive map of words.
    """

    Config = AnalysisConfig
    ExplainOptions = ExplainOptions
    headline = ("analogies", "wordsim353", "simlex999", "planted")

    config: AnalysisConfig

    def __init__(self, config: AnalysisConfig, context: Any) -> None:
        super().__init__(config, context)
        self._analysis: Analysis | None = None

    def load_data(self) -> Splits:
        """Load the questions, and the training text if no vectors are given."""
        config = self.config
        splits = super().load_data()
        if not isinstance(splits.test, QuestionSplit):
            raise UsageError(f"data={config.data}: expected questions about words")
        if config.weights is not None:
            return replace(splits, train=None)
        if splits.train is None:
            raise UsageError(
                f"data={config.data}: expected vectors to analyse, got none; give vectors=RUN or "
                "vectors=FILE"
            )
        check_files(config)
        return training_task(config.data, config.data_options, config.seed).load_data()

    def load_model(self, weights: Path, info: DataInfo | None) -> Model:
        """Read the named sets of vectors; other weights are analysed alone."""
        config = self.config
        named = [Path(name) for name in config.vectors]
        own = config.weights is not None and weights.resolve() == Path(config.weights).resolve()
        model = read_sets(config, named if named and own else [weights])
        Analysis(model, (), config).check()
        return model

    def analysis_of(self, outcome: Outcome) -> Analysis:
        """Return the analysis of this run, created once."""
        assert isinstance(outcome.model, VectorsModel)
        assert isinstance(outcome.split, QuestionSplit)
        if self._analysis is None or self._analysis.sets is not outcome.model.sets:
            self._analysis = Analysis(outcome.model, outcome.split.questions, self.config)
            if outcome.model.ahead is not None:
                self._analysis.lay_out_meanwhile(outcome.model.ahead)
                outcome.model.ahead = None
        return self._analysis

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return one row per question."""
        metric = metric_of(outcome)
        return items(metric) if metric else []

    def tables(self, outcome: Outcome) -> Iterator[Table]:
        """Yield the tables."""
        yield from report.tables(self.analysis_of(outcome), metric_of(outcome))

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield maps and curves."""
        yield from figures.figures(self.analysis_of(outcome), metric_of(outcome))

    def files(self, outcome: Outcome) -> Mapping[str, bytes]:
        """Return the interactive map, and files for the Embedding Projector if asked for."""
        analysis = self.analysis_of(outcome)
        files = projector_files(analysis.sets, self.config.projector)
        if not analysis.layouts:
            return files
        title = f"Words of {next(iter(analysis.sets))}"
        return {PAGE: render_map(analysis.map_content(title)).encode(), **files}

    def explain(self, model: Model, source: str, options: Any) -> Any:
        """Explain a word, compare two words, or answer an analogy."""
        assert isinstance(model, VectorsModel)
        if options.analogy:
            a, c = options.analogy
            return analogy(model.vectors, (a, source, c), options.topn)
        return explain(model.vectors, source, options)
