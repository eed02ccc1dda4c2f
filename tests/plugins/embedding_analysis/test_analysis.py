"""Maps that a copy of the process lays out are those of this process."""

from __future__ import annotations

import pytest

import nntasks
from nntasks.machine import copy_ahead

QUICK = {"resamples": 100, "permutations": 100, "map_words": 40, "tsne_steps": 50}


def test_maps_are_the_same_with_one_core_and_two(tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pages = []
    for cores in (1, 2):
        monkeypatch.setattr(copy_ahead, "usable_cores", lambda cores=cores: cores)
        small, out = {"sentences": 1000}, tmp_path / f"runs{cores}"
        result = nntasks.run("embedding_analysis", out=out, data_options=small, **QUICK)
        pages.append((result.folder / "map.html").read_text(encoding="utf-8"))
    assert '"t-SNE"' in pages[0]
    assert pages[0] == pages[1]
