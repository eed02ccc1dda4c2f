"""`model=gensim_skipgram` against gensim itself, and what `compare` says of both."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import MissingError, UsageError
from nntasks.experiments.compared_runs import compare_runs
from nntasks.interfaces import DataInfo
from nntasks.machine.distributed import ALONE
from nntasks.plugins.word2vec import comparing
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.corpus import encode
from nntasks.plugins.word2vec.data import planted
from nntasks.plugins.word2vec.gensim_model import CBOW, SKIPGRAM
from nntasks.plugins.word2vec.model import SKIPGRAM as OURS
from nntasks.plugins.word2vec.speed import Speed
from nntasks.plugins.word2vec.texts import EncodedText
from nntasks.registry import table
from nntasks.run_folder import RunFolder
from nntasks.runner import make_task
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds

KEYS = {"dim": 12, "epochs": 2, "threads": 1, "window": 3, "negatives": 4, "save": ("bin",)}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """An encoded corpus of 3,600 words, and its sentences."""
    folder = tmp_path_factory.mktemp("text")
    lines = list(planted.sentences(Seeds(0).numpy("planted"), 400))
    (folder / "text.txt").write_text("".join(f"{line}\n" for line in lines))
    return EncodedText(encode([folder / "text.txt"], folder / "encoded")), lines


def trained(objective, text, out, name, **keys):
    """Return a model after training, and a finished run of it."""
    config = Word2VecConfig(model=name, **{**KEYS, **keys})
    model = objective(config, DataInfo(), Seeds(config.seed))
    stored = {"seed": config.seed, "model": name}
    folder = RunFolder.create(out, "word2vec", stored, {})
    model.fit(text, validation=None, run=Run(folder, model.seeds, ALONE, {}, (), 32, quiet=True))
    summary = {
        "task": "word2vec",
        "run": folder.path.name,
        "model": name,
        "data": "planted",
        "samples": 10,
        "seed": config.seed,
        "seconds": 1.0,
        "headline": ["analogies"],
        "metrics": {"analogies": 0.5},
        "definitions": {"analogies": "known"},
    }
    folder.write_json("summary.json", summary)
    return model, folder.path


@pytest.mark.parametrize(("objective", "kind"), [(SKIPGRAM, "skipgram"), (CBOW, "cbow")])
def test_the_vectors_are_gensims_own(text, tmp_path, objective, kind):
    theirs = pytest.importorskip("gensim.models").Word2Vec
    encoded, lines = text
    model, _ = trained(objective, encoded, tmp_path / "runs", f"gensim_{kind}")
    words, corpus = set(encoded.corpus.words), tmp_path / "corpus.txt"
    kept = [[word for word in line.split() if word in words] for line in lines]
    corpus.write_text("".join(f"{' '.join(line)}\n" for line in kept))
    made = theirs(
        vector_size=12,
        alpha=0.025,
        min_alpha=0.025 * 0.004,
        window=3,
        negative=4,
        sample=1e-3,
        min_count=1,
        sg=int(kind == "skipgram"),
        workers=1,
        seed=1,
    )
    counts = dict(zip(encoded.corpus.words, encoded.corpus.counts.tolist(), strict=True))
    made.build_vocab_from_freq(counts, corpus_count=len(kept))
    made.train(
        corpus_file=str(corpus), total_examples=len(kept), total_words=len(encoded), epochs=2
    )
    for word in encoded.corpus.words:
        assert np.array_equal(model.vectors[word], made.wv[word])


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


class TestRefusals:
    @pytest.mark.parametrize(
        ("keys", "message"),
        [
            ({"clip_norm": 1.0}, "model=gensim_skipgram: gensim has nothing like clip_norm=1"),
            ({"together": 2}, "gensim has nothing like together=2; leave it out"),
            ({"device": "cuda"}, "gensim trains on the CPU, got device=cuda"),
        ],
    )
    def test_keys_that_gensim_lacks(self, keys, message):
        with pytest.raises(UsageError, match=message):
            SKIPGRAM(Word2VecConfig(**keys), DataInfo(), Seeds(0))

    def test_gensim_is_not_installed(self, monkeypatch):
        monkeypatch.setattr(table, "_installed", lambda package: package != "gensim")
        with pytest.raises(MissingError, match=r"needs gensim, not installed here; run: .* gensim"):
            make_task("word2vec", [{"model": "gensim_skipgram"}])

    def test_a_damaged_speed(self, tmp_path):
        (tmp_path / "speed.json").write_text('{"words": 3}')
        with pytest.raises(UsageError, match=r"speed\.json is damaged"):
            Speed.of_run(tmp_path)
