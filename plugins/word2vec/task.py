"""The task `word2vec`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from nntasks.context import read_description
from nntasks.errors import PluginError, RunFailed
from nntasks.interfaces import DataInfo, Model, Outcome, Splits, Task
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.embeddings.analogy import analogy
from nntasks.plugins.embeddings.projector import projector_files
from nntasks.plugins.embeddings.question_items import items, metric_of
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.plugins.word2vec import explanation, report
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.corpus import CorpusOptions, EncodedCorpus, encode
from nntasks.plugins.word2vec.explanation import ExplainOptions
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.plugins.word2vec.texts import EncodedText, Texts


class Word2VecTask(Task):
    """Word vectors by skip-gram or CBOW with negative sampling; analogies and similarity.

    By default a generated corpus with planted relations is read, and the run reports how many of
    them it found. Try `data=wikipedia`, or `data=text data.path=FILE` for your own text;
    `model=cbow`, `mode=fast`, `phrases=1`. `max_n=6` makes words of their n-grams, as fastText
    does, so that unknown words have vectors too. The run saves its vectors as vectors.bin.
    """

    Config = Word2VecConfig
    headline = ("analogies", "wordsim353", "simlex999", "planted")
    ExplainOptions = ExplainOptions

    config: Word2VecConfig

    def load_data(self) -> Splits:
        """Load the corpus and encode it, or open its cached encoding."""
        splits = super().load_data()
        if self.config.weights is not None:  # no training, so no text
            return replace(splits, train=None)
        if not isinstance(splits.train, Texts):
            raise PluginError(
                f"data set {self.config.data!r}: expected the train split of a corpus to be "
                f"nntasks.plugins.word2vec.texts.Texts, got {type(splits.train).__name__}"
            )
        corpus = self._encode(splits.train)
        details = {**splits.info.details, "vocabulary": len(corpus.words)}
        info = replace(splits.info, details=details)
        return replace(splits, train=EncodedText(corpus), info=info)

    def _encode(self, texts: Texts) -> EncodedCorpus:
        config, reading = self.config, texts.reading
        folder = config.cache or self.context.cache_folder / "corpora"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFailed(
                f"cannot write encoded corpora to {folder}: {error.strerror}; choose another "
                "folder with cache="
            ) from error
        paths = texts.paths(folder)
        options = CorpusOptions(
            min_count=config.min_count,
            max_vocabulary=config.max_vocabulary or None,
            encoding=reading.encoding,
            errors=reading.errors,
            lowercase=reading.lowercase,
            sentence=reading.sentence,
            phrases=config.phrases,
            phrase_threshold=config.phrase_threshold,
        )
        names = [str(path.resolve()) for path in paths]
        content = json.dumps([names, asdict(options)], sort_keys=True)
        own = folder / hashlib.sha256(content.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return encode(paths, own, options, say=self.context.warn)

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return one row per question."""
        metric = metric_of(outcome)
        return items(metric) if metric else []

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return the planted relations, analogies by section, and neighbours."""
        return report.tables(outcome)

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield analogies by section and a map of words."""
        yield from report.figures(outcome)

    def files(self, outcome: Outcome) -> Mapping[str, bytes]:
        """Return the files for the Embedding Projector, if asked for."""
        assert isinstance(outcome.model, Word2VecModel)
        return projector_files({self.config.model: outcome.model.vectors}, self.config.projector)

    def explain(self, model: Model, source: str, options: Any) -> Any:
        """Explain a word, or the score of a word and a context, or answer an analogy."""
        assert isinstance(model, Word2VecModel)
        if options.analogy:
            a, c = options.analogy
            return analogy(model.vectors, (a, source, c), explanation.NEIGHBOURS)
        return explanation.explain(model, source, options)

    def load_model(self, weights: Path, info: DataInfo | None) -> Model:
        """Load the vectors of a run or of a vector file."""
        if read_description(weights) is not None:
            return super().load_model(weights, info)
        model = self.build_model(info or DataInfo())
        assert isinstance(model, Word2VecModel)
        model.vectors = read_vectors(weights)
        return model

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning."""
        return {
            "lr": "5e-3:2e-1:log",
            "window": "2:10",
            "negatives": "2:15",
            "subsample": "1e-5:1e-2:log",
            "noise_power": "0:1",
        }
