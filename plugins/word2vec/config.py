"""The configuration of `word2vec`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator, model_validator

from nntasks.config import Names
from nntasks.plugins.embeddings.projector import PROJECTOR_KEY
from nntasks.training.config import LoopConfig

if TYPE_CHECKING:
    from typing_extensions import Self

_SMALLEST_CLIP = 1e-30  # the kernel refuses smaller limits


class Word2VecConfig(LoopConfig):
    """The keys of `word2vec`; the defaults suit the generated corpus."""

    defaults = {
        "data": "planted",
        "model": "skipgram",
        "metrics": ("questions",),
        "epochs": 5,
        "evaluation_batch": 4096,
    }

    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="where to compute: auto (the CPU), cpu, cuda or cuda:N",
    )
    # the vocabulary
    min_count: int = Field(5, ge=1, description="words with fewer occurrences are left out")
    max_vocabulary: int = Field(
        0,
        ge=0,
        lt=2**31,
        description="largest number of words, the most frequent first; 0 for no limit",
    )
    phrases: int = Field(
        0, ge=0, le=5, description="passes that join frequent word pairs, as new_york; 0 for none"
    )
    phrase_threshold: float = Field(
        10.0, gt=0, description="word pairs with a higher score are joined (Mikolov et al. 2013)"
    )
    # the model
    dim: int = Field(100, ge=1, le=4096, description="dimensions of a vector")
    window: int = Field(5, ge=1, le=100, description="largest number of context words on each side")
    negatives: int = Field(5, ge=1, le=100, description="negative samples per centre word")
    together: int = Field(
        1,
        ge=1,
        le=64,
        description="consecutive centres that share negatives; more are faster, but slightly worse",
    )
    noise_power: float = Field(
        0.75,
        ge=-5,
        le=5,
        description="power of the word counts in the distribution of the negatives",
    )
    subsample: float = Field(
        1e-3,
        ge=0,
        le=1,
        description="share of the text above which a word is subsampled; 0 for no subsampling",
    )
    min_n: int = Field(
        3, ge=1, le=64, description="fewest characters of an n-gram, including < and >"
    )
    max_n: int = Field(
        0,
        ge=0,
        le=64,
        description="most characters of an n-gram (fastText uses 6): n-grams get vectors, too, so "
        "unknown words have one; 0 for words alone",
    )
    bucket: int = Field(
        2_000_000, ge=1, lt=2**31, description="number of buckets that n-grams are hashed into"
    )
    # training
    lr: float = Field(0.025, gt=0, le=10, description="learning rate at the start")
    lr_final: float = Field(
        0.004, ge=0, le=1, description="learning rate at the end, as a fraction of lr"
    )
    mode: Literal["ordered", "fast"] = Field(
        "ordered",
        description="ordered: same vectors for any number of threads; fast: lock-free threads",
    )
    block: int = Field(
        128,
        ge=1,
        le=65_536,
        description="number of centres per gradient step in mode=ordered",
    )
    clip_value: float = Field(
        0.0,
        ge=0,
        le=1e30,
        description="largest component of a gradient, 1e-30 to 1e30; 0 for no limit",
    )
    clip_norm: float = Field(
        0.0,
        ge=0,
        le=1e30,
        description="largest norm of a gradient, 1e-30 to 1e30; 0 for no limit",
    )
    threads: int = Field(
        0,
        ge=0,
        le=1024,
        description="training threads; 0 for torch's own number, or for 1 with fewer than 1,000 "
        "different words in mode=ordered",
    )
    average_words: int = Field(
        1_000_000,
        ge=1,
        description="approximate number of words per process between averages of all vectors",
    )
    # questions
    restrict: int = Field(
        30_000, ge=1, description="number of most frequent words among which analogies are answered"
    )
    analogy: Literal["cosadd", "cosmul"] = Field(
        "cosadd", description="method for analogies: 3CosAdd or 3CosMul"
    )
    # files
    save: Names = Field(
        ("bin",), description="formats in which the run saves its vectors: bin, txt"
    )
    projector: int = Field(0, ge=0, le=1_000_000, description=PROJECTOR_KEY)
    cache: Path | None = Field(
        None, description="folder for encoded corpora; none for the cache folder of the data store"
    )

    @model_validator(mode="after")
    def _ngrams(self) -> Self:
        if 0 < self.max_n < self.min_n:
            raise ValueError(f"max_n: expected 0, or at least min_n={self.min_n}, got {self.max_n}")
        return self

    @field_validator("clip_value", "clip_norm")
    @classmethod
    def _clip_limit(cls, limit: float) -> float:
        if 0 < limit < _SMALLEST_CLIP:
            raise ValueError(f"expected 0 or a number from {_SMALLEST_CLIP:g} to 1e+30")
        return limit

    @field_validator("save")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not set(names) <= {"bin", "txt"}:
            raise ValueError("expected bin, txt or both, separated by commas")
        return names
