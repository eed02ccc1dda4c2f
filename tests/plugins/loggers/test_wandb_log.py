"""Weights & Biases: the calls, with a stand-in; the offline file, where the package is."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import wandb_stand_in
from PIL import Image

from nntasks import LoggedRun
from nntasks.plugins.loggers.wandb_log import WandbLogger
from nntasks.testing import check_logger

CONFIG = {"lr": 0.1, "layers": [64, 10]}
NAME = "20260101-000000-abcdef"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("WANDB_MODE", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    made = tmp_path / NAME
    made.mkdir()
    return made


def log(folder, next_step=0):
    """Log two rows, a picture and the end of a run."""
    logger = WandbLogger(LoggedRun("toy", folder, CONFIG, next_step))
    logger.scalars(3, 0.5, {"train/loss": 0.5})
    logger.scalars(6, 1.0, {"train/loss": 0.25})
    logger.scalars(6, 1.0, {"validation/dice": 0.75})
    picture, summary = folder / "curves.png", folder / "summary.json"
    Image.new("RGB", (3, 2)).save(picture)
    summary.write_text("{}")
    logger.pictures(6, {"curves": picture})
    logger.finish({"metrics": {"dice": 0.5, "undefined": None}}, [summary])
    logger.close("finished")


def test_the_calls(folder, monkeypatch):
    made = wandb_stand_in.install(monkeypatch)
    log(folder)
    (run,) = made
    assert run.words["mode"] == "offline"
    assert run.words["project"] == "nntasks"
    assert run.words["id"] == run.words["name"] == NAME
    assert run.words["config"] == CONFIG
    assert run.words["dir"] == str(folder)
    assert run.rows[:3] == [
        (3, {"epoch": 0.5, "train/loss": 0.5}),
        (6, {"epoch": 1.0, "train/loss": 0.25}),
        (6, {"epoch": 1.0, "validation/dice": 0.75}),
    ]
    assert run.rows[3:] == [(6, {"figures/curves": folder / "curves.png"})]
    assert run.summary == {"test/dice": 0.5}
    assert run.saved == ["summary.json"]
    assert run.ended == 0


def test_steps_that_the_server_has_are_not_sent_again(folder, monkeypatch):
    made = wandb_stand_in.install(monkeypatch)
    logger = WandbLogger(LoggedRun("toy", folder, CONFIG, 4))
    made[0].step = 5
    logger.scalars(4, 0.5, {"train/loss": 0.5})
    logger.scalars(5, 0.6, {"train/loss": 0.4})
    assert [step for step, _ in made[0].rows] == [5]
    logger.close("failed")
    assert made[0].ended == 1


def test_the_mode_of_the_user_counts(folder, monkeypatch):
    made = wandb_stand_in.install(monkeypatch)
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    WandbLogger(LoggedRun("toy", folder, CONFIG))
    assert (made[0].words["mode"], made[0].words["project"]) == ("online", "mine")


def test_the_contract_is_kept(monkeypatch):
    wandb_stand_in.install(monkeypatch)
    check_logger(WandbLogger)


def records(path: Path):
    """Yield the records of an offline file: blocks of 32 KiB of pieces, as LevelDB writes logs."""
    from wandb.proto import wandb_internal_pb2

    content, place, whole = path.read_bytes(), 7, b""  # after the file's own header
    while place + 7 <= len(content):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        _, length, kind = struct.unpack("<IHB", content[place : place + 7])
        whole += content[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            yield wandb_internal_pb2.Record.FromString(whole)
            whole = b""


def test_the_offline_file_holds_it(folder):
    pytest.importorskip("wandb")
    log(folder)
    (file,) = (folder / "wandb").glob("offline-run-*/*.wandb")
    rows, config, summary, saved = [], {}, {}, []
    for record in records(file):
        for item in record.history.item:
            name = "/".join(item.nested_key) or item.key
            rows.append((record.history.step.num, name, item.value_json))
        for item in record.run.config.update:
            config[item.key] = json.loads(item.value_json)
        for item in record.summary.update:
            summary["/".join(item.nested_key) or item.key] = item.value_json
        saved += [one.path for one in record.files.files]
    assert (3, "train/loss", "0.5") in rows
    assert (6, "train/loss", "0.25") in rows
    assert (6, "validation/dice", "0.75") in rows
    assert CONFIG.items() <= config.items()
    assert summary["test/dice"] == "0.5"
    assert "summary.json" in saved
    assert [path for path in saved if path.startswith("media/images/figures/curves_")]
