"""Every key of `word2vec`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from nntasks.config import Names
from nntasks.training.config import LoopConfig


class Word2VecConfig(LoopConfig):
    """Keys of the vectors; the defaults are for the generated corpus."""

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
        description="where to compute: auto (the CPU), cpu, cuda or cuda:N (by the reference)",
    )
    # the vocabulary
    min_count: int = Field(5, ge=1, description="occurrences below which a word is left out")
    max_vocabulary: int = Field(
        0, ge=0, lt=2**31, description="most words, the most frequent ones; 0 for no limit"
    )
    phrases: int = Field(
        0, ge=0, le=5, description="passes that join frequent neighbours: new_york; 0 for none"
    )
    phrase_threshold: float = Field(
        10.0, gt=0, description="score from which two words are joined (Mikolov et al. 2013)"
    )
    # the model
    dim: int = Field(100, ge=1, le=4096, description="numbers of a vector")
    window: int = Field(5, ge=1, le=100, description="most words on either side that are contexts")
    negatives: int = Field(5, ge=1, le=100, description="words drawn against each centre")
    together: int = Field(
        1,
        ge=1,
        le=64,
        description="centres in a row that share negatives: faster, and vectors a little worse",
    )
    noise_power: float = Field(
        0.75, ge=-5, le=5, description="power of the counts by which negatives are drawn"
    )
    subsample: float = Field(
        1e-3,
        ge=0,
        le=1,
        description="share of the text above which occurrences of a word are dropped; 0 for never",
    )
    # training
    lr: float = Field(0.025, gt=0, le=10, description="learning rate at the start")
    lr_final: float = Field(
        0.004, ge=0, le=1, description="learning rate at the end, as a share of the first"
    )
    mode: Literal["ordered", "fast"] = Field(
        "ordered",
        description="ordered: the same vectors for any number of threads; fast: lock-free threads",
    )
    block: int = Field(
        128,
        ge=1,
        le=65_536,
        description="centres whose gradients are taken at the same vectors in mode=ordered",
    )
    clip_value: float = Field(
        0.0, ge=0, description="most that a component of a gradient may be; 0 for no limit"
    )
    clip_norm: float = Field(
        0.0, ge=0, description="most that the norm of a gradient may be; 0 for no limit"
    )
    threads: int = Field(0, ge=0, le=1024, description="threads that train; 0 for all of torch's")
    average_words: int = Field(
        1_000_000,
        ge=1,
        description="words that each of several processes trains on between averages",
    )
    # questions
    restrict: int = Field(
        30_000, ge=1, description="most frequent words among which analogies are answered"
    )
    analogy: Literal["cosadd", "cosmul"] = Field(
        "cosadd", description="how analogies are answered: 3CosAdd or 3CosMul"
    )
    # files
    save: Names = Field(
        ("bin",), description="files of vectors that are written into the run: bin, txt"
    )
    cache: Path | None = Field(
        None, description="folder of encoded corpora; none for the data store's cache folder"
    )

    @field_validator("save")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not set(names) <= {"bin", "txt"}:
            raise ValueError("expected bin, txt or both, separated by commas")
        return names
