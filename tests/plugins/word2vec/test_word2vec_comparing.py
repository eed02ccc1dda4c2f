"""What `compare` says of runs of `word2vec`."""

from __future__ import annotations

import pytest
from small_word_runs import encoded_text, trained

from nntasks.experiments.compared_runs import compare_runs
from nntasks.plugins.word2vec import comparing
from nntasks.plugins.word2vec.gensim_model import SKIPGRAM
from nntasks.plugins.word2vec.model import SKIPGRAM as OURS
from nntasks.plugins.word2vec.speed import Speed


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    return encoded_text(tmp_path_factory.mktemp("text"))


def test_compare_shows_speed_and_shared_neighbours(text, tmp_path):
    pytest.importorskip("gensim")
    encoded, _ = text
    runs = [
        trained(objective, encoded, tmp_path, name)[1]
        for objective, name in ((OURS, "skipgram"), (SKIPGRAM, "gensim_skipgram"))
    ]
    found = {table.name: table for table in compare_runs(runs, None, None).tables}
    speeds = [Speed.of_run(run) for run in runs]
    assert [speed.words for speed in speeds] == [2 * len(encoded)] * 2
    ratio = speeds[1].words_per_second / speeds[0].words_per_second
    assert [row[0] for row in found["speed"].rows] == ["model=skipgram", "model=gensim_skipgram"]
    assert float(found["speed"].rows[1][2]) == pytest.approx(ratio, abs=0.01)
    ((one, other, shared, cosine),) = found["agreement"].rows
    assert (one, other) == ("model=skipgram", "model=gensim_skipgram")
    assert 0 <= float(shared) <= 1
    assert -1 <= float(cosine) <= 1


def test_equal_vectors_share_all_neighbours(text, tmp_path):
    encoded, _ = text
    run = trained(OURS, encoded, tmp_path, "skipgram")[1]
    found = {table.name: table for table in comparing.tables({"a": [run], "b": [run]})}
    assert found["agreement"].rows == [("a", "b", "1.000", "1.000")]


def test_runs_without_vectors_or_speed_are_left_out(text, tmp_path):
    encoded, _ = text
    run = trained(OURS, encoded, tmp_path, "skipgram", save=())[1]
    (run / "speed.json").unlink()
    (speed,) = comparing.tables({"a": [run], "b": [run]})
    assert speed.rows == []
