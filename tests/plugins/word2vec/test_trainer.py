"""Training in this process: the reference's losses, pieces, rounds of several processes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks import ops
from nntasks.errors import RunFailed
from nntasks.interfaces import DataInfo
from nntasks.machine.distributed import ALONE, Workers
from nntasks.plugins.word2vec import trainer
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.corpus import encode
from nntasks.plugins.word2vec.data import planted
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.plugins.word2vec.texts import EncodedText
from nntasks.plugins.word2vec.trainer import keep_thresholds
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds
from nntasks.testing import check_options, check_plugin, check_task
from nntasks.training.epochs import Progress


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """An encoded corpus of 9,000 words."""
    folder = tmp_path_factory.mktemp("text")
    lines = planted.sentences(Seeds(0).numpy("planted"), 1000)
    (folder / "text.txt").write_text("".join(f"{line}\n" for line in lines))
    return EncodedText(encode([folder / "text.txt"], folder / "encoded"))


def trained(text, folder, kind="skipgram", **keys):
    """Return a model after training, and the rows of its history."""
    config = Word2VecConfig(dim=20, epochs=2, save=(), **keys)
    model = Word2VecModel(kind, config, DataInfo(), Seeds(config.seed))
    run = Run(RunFolder.create(folder, "word2vec", {}, {}), model.seeds, ALONE, {}, (), 32, True)
    model.fit(text, validation=None, run=run)
    return model, run.folder.history


class TestContract:
    def test_plugin_and_options(self):
        check_plugin("word2vec")
        check_options(Word2VecConfig)

    def test_task(self, tmp_path):
        check_task("word2vec", data_options={"sentences": 1000}, cache=tmp_path)


@pytest.mark.parametrize(
    ("few", "keys", "expected"),
    [
        (True, {}, 1),
        (True, {"threads": 3}, 3),
        (True, {"mode": "fast"}, 2),
        (False, {}, 2),
    ],
    ids=["few words", "as many as asked", "fast", "many words"],
)
def test_few_words_are_trained_in_order_by_one_thread(
    text, tmp_path, monkeypatch, few, keys, expected
):
    words = len(text.corpus.words)
    monkeypatch.setattr(trainer, "SHARED", words + 1 if few else words)
    model = Word2VecModel("skipgram", Word2VecConfig(**keys), DataInfo(), Seeds(0))
    run = Run(RunFolder.create(tmp_path, "word2vec", {}, {}), model.seeds, ALONE, {}, (), 32, True)
    with trainer.torch_threads(2):
        with trainer.Word2VecTrainer(model, text, run).running():
            assert torch.get_num_threads() == expected
        assert torch.get_num_threads() == 2


@pytest.mark.parametrize("kind", ["skipgram", "cbow", "cbow_exact"])
def test_losses_are_those_of_the_reference(text, tmp_path, kind):
    if not ops.native_available():
        pytest.skip("no compiled library")
    curves = {}
    for mode in ("python", "native"):
        with ops.use(mode):
            _, rows = trained(text, tmp_path, kind, lr=0.1)
        curves[mode] = [row[name] for row in rows for name in ("loss", "epoch_loss") if name in row]
    assert len(curves["python"]) >= 4
    assert curves["native"] == pytest.approx(curves["python"], rel=1e-6)
    assert curves["native"][-1] < curves["native"][0]


def test_the_loss_of_an_epoch_is_the_mean_over_its_pairs(text, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "PIECE", 1000)
    seen = []
    plain = trainer.skipgram

    def watched(*arguments, **options):
        counts = plain(*arguments, **options)
        seen.append([float(count) for count in counts])
        return counts

    monkeypatch.setattr(trainer, "skipgram", watched)
    _, rows = trained(text, tmp_path)
    found = [row["epoch_loss"] for row in rows if "epoch_loss" in row]
    half = len(seen) // 2
    assert half == -(-len(text) // 1000)
    for each, loss in zip((seen[:half], seen[half:]), found, strict=True):
        sums = np.sum(each, axis=0)
        assert loss == pytest.approx(sums[0] / sums[1], rel=1e-12)


@pytest.mark.parametrize("mode", ["ordered", "fast"])
def test_clipping_is_counted(text, tmp_path, mode):
    _, rows = trained(text, tmp_path, mode=mode, clip_norm=0.5, clip_value=0.2)
    shares = [row["clipped"] for row in rows if "clipped" in row]
    assert all(0 < share < 1 for share in shares)


def test_a_loss_that_is_no_number_stops_the_run(text, tmp_path):
    with pytest.raises(RunFailed, match=r"the loss became (nan|inf) at epoch 1, word .*clip_norm"):
        trained(text, tmp_path, lr=10, lr_final=1, window=50, subsample=0)


def test_frequent_words_are_kept_by_the_rule_of_word2vec():
    counts = np.array([600_000, 399_000, 1000])
    kept = keep_thresholds(counts, 1e-3) / 2**32
    shares = counts / counts.sum()
    assert kept == pytest.approx(np.minimum(np.sqrt(1e-3 / shares) + 1e-3 / shares, 1))
    assert (keep_thresholds(counts, 0) == 2**32).all()


class TestSeveralProcesses:
    def test_all_pieces_are_trained_once(self, text, tmp_path, monkeypatch):
        monkeypatch.setattr(trainer, "PIECE", 500)
        trained_on: list[tuple[int, int]] = []
        for rank in range(3):
            folder = RunFolder.create(tmp_path, "word2vec", {}, {})
            workers = FakeWorkers(rank, 3)
            config = Word2VecConfig(dim=4, epochs=1, save=(), average_words=1000)
            model = Word2VecModel("skipgram", config, DataInfo(), Seeds(0))
            run = Run(folder, Seeds(0), workers, {}, (), 32, True)
            job = trainer.Word2VecTrainer(model, text, run)
            job.start(None)
            monkeypatch.setattr(
                job, "_train", lambda a, b, epoch: (trained_on.append((a, b)), np.ones(5))[1]
            )
            monkeypatch.setattr(trainer, "Averaging", NoAveraging)
            for batch in job.batches(0, 0):
                job.step(batch, Progress(batch=batch))
        pieces = range(0, len(text), 500)
        assert sorted(trained_on) == [(a, min(a + 500, len(text))) for a in pieces]

    @pytest.mark.parametrize("pieces", [1, 7, 130, 131])
    @pytest.mark.parametrize("processes", [2, 3, 32])
    def test_steps_are_even(self, pieces, processes):
        together = trainer.pieces_together(pieces, processes, 30)
        steps = -(-pieces // (processes * together))
        assert together <= 30
        assert steps == -(-pieces // (processes * 30))
        assert steps * processes * together - pieces < steps * processes

    def test_one_process_takes_a_piece_a_step(self):
        assert trainer.pieces_together(130, 1, 30) == 1


class NoAveraging:
    def __init__(self, *arguments, **keys):
        pass

    def exchange(self):
        pass

    def finish(self):
        pass


class FakeWorkers(Workers):
    """A process whose peers say what it says."""

    def gather(self, value):
        return [value] * self.size
