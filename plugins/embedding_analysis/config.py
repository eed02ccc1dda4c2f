"""Every key of `embedding_analysis`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from nntasks.config import Names, Paths, TaskConfig, read_config_file
from nntasks.datasets import DataStore
from nntasks.plugins.embeddings.data import EmbeddingEval
from nntasks.plugins.embeddings.vector_files import find_vectors

LAYOUTS = ("pca", "tsne", "umap")
_OF_A_CORPUS = {"planted": "planted", "wikipedia": "embedding_eval"}


class AnalysisConfig(TaskConfig):
    """Which vectors, which questions, and how much of each is looked at."""

    defaults = {"model": "vectors", "metrics": ("questions",)}

    vectors: Paths = Field(
        (),
        description="runs or files of vectors, by commas: the first is analysed, the others are "
        "compared with it; none for vectors of the generated corpus",
    )
    data: str = Field("planted", description="questions; with vectors= those that fit the vectors")
    vocabulary: int = Field(
        300_000, ge=10, description="words that are read, from the beginning of each file"
    )
    encoding: str = Field("utf-8", description="of the words in files of vectors")
    errors: Literal["strict", "replace", "ignore"] = Field(
        "strict", description="what becomes of words that are not in the encoding"
    )
    counts: Path | None = Field(
        None, description="file of a word and how often it was seen a line, for the first vectors"
    )
    # questions
    restrict: int = Field(
        30_000, ge=1, description="most frequent words among which analogies are answered"
    )
    analogy: Literal["cosadd", "cosmul"] = Field(
        "cosadd", description="which answers count in the numbers: those of 3CosAdd or 3CosMul"
    )
    resamples: int = Field(1000, ge=100, le=100_000, description="draws of a bootstrap interval")
    permutations: int = Field(
        10_000, ge=100, le=10**7, description="most permutations of a WEAT test"
    )
    # words
    words: Names = Field((), description="words to look at and to map, by commas")
    groups: Path | None = Field(
        None, description="file of categories, lines `name: word word ...`; else from the analogies"
    )
    outliers: Path | None = Field(
        None, description="file of outlier tests, lines `name: eight words | eight outliers`"
    )
    weat: Path | None = Field(
        None,
        description="file of WEAT tests, four lines `name: words` each: targets X, Y, "
        "attributes A, B",
    )
    neighbours: int = Field(10, ge=1, le=100, description="nearest words that are compared, shown")
    sample: int = Field(
        2000, ge=10, le=100_000, description="words looked at for frequency and stability"
    )
    # maps
    maps: Names = Field(("pca", "tsne"), description="layouts by commas: pca, tsne, umap")
    map_words: int = Field(400, ge=3, le=20_000, description="most words on a map")
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
        """Take the first vectors for weights, so that nothing is trained; find their questions."""
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
    """Return the questions of the corpus that a run read, else the public ones if they are here."""
    config = path / "config.yaml"
    corpus = read_config_file(config).get("data") if config.is_file() else None
    if corpus in _OF_A_CORPUS:
        return _OF_A_CORPUS[corpus]
    here = DataStore.from_environment().find(EmbeddingEval) is not None
    return "embedding_eval" if here else "no_questions"
