"""Every key of `embedding_analysis`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from nntasks.config import Names, Paths, TaskConfig, read_config_file
from nntasks.datasets import DataStore
from nntasks.plugins.embeddings.data import EmbeddingEval
from nntasks.plugins.embeddings.projector import PROJECTOR_KEY
from nntasks.plugins.embeddings.vector_files import find_vectors

LAYOUTS = ("pca", "tsne", "umap")
_OF_A_CORPUS = {"planted": "planted", "wikipedia": "embedding_eval"}


class AnalysisConfig(TaskConfig):
    """The keys of `embedding_analysis`."""

    defaults = {"model": "vectors", "metrics": ("questions",)}

    vectors: Paths = Field(
        (),
        description="runs or vector files, separated by commas; the first is analysed, others are "
        "compared with it; none for vectors of the generated corpus",
    )
    data: str = Field(
        "planted", description="questions; with vectors=, by default those that fit the vectors"
    )
    vocabulary: int = Field(
        300_000, ge=10, description="number of words to read from the start of each file"
    )
    encoding: str = Field("utf-8", description="encoding of the words in vector files")
    errors: Literal["strict", "replace", "ignore"] = Field(
        "strict", description="how to handle bytes outside the encoding"
    )
    counts: Path | None = Field(
        None, description="file of one word and its count per line, for the first vectors"
    )
    # questions
    restrict: int = Field(
        30_000, ge=1, description="number of most frequent words among which analogies are answered"
    )
    analogy: Literal["cosadd", "cosmul"] = Field(
        "cosadd", description="method whose answers enter the metrics: 3CosAdd or 3CosMul"
    )
    resamples: int = Field(1000, ge=100, le=100_000, description="number of bootstrap resamples")
    permutations: int = Field(
        10_000, ge=100, le=10**7, description="largest number of permutations per WEAT test"
    )
    # words
    words: Names = Field((), description="words for the report and the map, separated by commas")
    groups: Path | None = Field(
        None,
        description="file of groups, lines `name: word word ...`; by default from the analogies",
    )
    outliers: Path | None = Field(
        None, description="file of outlier tests, lines `name: eight words | eight outliers`"
    )
    weat: Path | None = Field(
        None,
        description="file of WEAT tests, four lines `name: words` each: targets X, Y, "
        "attributes A, B",
    )
    dictionary: Path | None = Field(
        None,
        description="file of translations, lines of two words: a word of the second vectors and "
        "its translation in the first",
    )
    neighbours: int = Field(
        10, ge=1, le=100, description="number of nearest neighbours to compare and show"
    )
    sample: int = Field(
        2000,
        ge=10,
        le=100_000,
        description="number of words sampled for frequency effects and stability",
    )
    # maps
    maps: Names = Field(
        ("pca", "tsne"), description="layouts, separated by commas: pca, tsne, umap"
    )
    perplexity: float = Field(
        30.0,
        ge=1,
        le=1000,
        description="t-SNE: approximate number of neighbours that influence a word, at most a "
        "third of the words",
    )
    tsne_steps: int | None = Field(
        None,
        ge=0,
        le=100_000,
        description="t-SNE: number of steps after the first 250; none for the library's default",
    )
    map_words: int = Field(400, ge=3, le=100_000, description="largest number of words on a map")
    projector: int = Field(0, ge=0, le=1_000_000, description=PROJECTOR_KEY)
    evaluation_batch: int = Field(4096, ge=1, le=65_536, description="questions per prediction")

    @field_validator("maps")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not set(names) <= set(LAYOUTS):
            raise ValueError(f"expected layouts among {', '.join(LAYOUTS)}, separated by commas")
        return names

    @model_validator(mode="before")
    @classmethod
    def _from_vectors(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Use the first vectors as weights, so that nothing is trained; choose their questions."""
        named = given.get("vectors") or given.get("weights")
        if not named:
            return given
        first = named.split(",")[0].strip() if isinstance(named, str) else named
        path = Path(first[0] if isinstance(first, (list, tuple)) else first).expanduser()
        filled: dict[str, Any] = {"data": _questions_for(path)}
        if given.get("vectors"):
            filled["weights"] = find_vectors(path)
        missing = {key: value for key, value in filled.items() if given.get(key) in (None, "")}
        return {**given, **missing}


def _questions_for(path: Path) -> str:
    """Return the questions of a run's corpus, or the public ones if downloaded."""
    config = path / "config.yaml"
    corpus = read_config_file(config).get("data") if config.is_file() else None
    if corpus in _OF_A_CORPUS:
        return _OF_A_CORPUS[corpus]
    here = DataStore.from_environment().find(EmbeddingEval) is not None
    return "embedding_eval" if here else "no_questions"
