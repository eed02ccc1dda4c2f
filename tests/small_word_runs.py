"""Small finished runs of `word2vec`, trained here by ours and by gensim."""

from __future__ import annotations

from nntasks.interfaces import DataInfo
from nntasks.machine.distributed import ALONE
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.corpus import encode
from nntasks.plugins.word2vec.data import planted
from nntasks.plugins.word2vec.texts import EncodedText
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds

KEYS = {"dim": 12, "epochs": 2, "threads": 1, "window": 3, "negatives": 4, "save": ("bin",)}


def encoded_text(folder):
    """Return an encoded corpus of 3,600 words, and its sentences."""
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
