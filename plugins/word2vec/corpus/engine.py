"""The choice between the compiled inner loops of the corpus reader and their Python reference."""

from __future__ import annotations

from pathlib import Path

from nntasks.machine.host_module import HostModule

READER = HostModule(
    name="nntasks.plugins.word2vec.corpus._corpus",
    folder=Path(__file__).parent,
    reference="nntasks.plugins.word2vec.corpus.reference",
    what="corpus reader",
)
