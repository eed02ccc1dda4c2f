"""Runs as Python objects: numbers, rows, figures, predictions, and what a notebook shows."""

from __future__ import annotations

import json
import random

import matplotlib
import matplotlib.figure
import numpy as np
import pytest
import torch
from PIL import Image

import nntasks as nt

QUICK = {
    "epochs": 1,
    "width": 4,
    "depth": 2,
    "batch_size": 8,
    "data_options": {"size": 32, "train": 16, "validation": 4, "test": 6},
}
TOY = {"epochs": 1, "data_options": {"points": 64}}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return nt.run("unet_segment", out=tmp_path_factory.mktemp("runs"), **QUICK)


@pytest.fixture(scope="module")
def loaded(result):
    return nt.load(result.folder.parent / "latest")


def test_numbers_are_those_of_the_summary(result):
    summary = json.loads((result.folder / "summary.json").read_text())
    assert result.metrics["dice"] == summary["metrics"]["dice"]
    assert list(result.headline) == summary["headline"]
    assert result.definitions["dice"] == summary["definitions"]["dice"]
    assert result.report.is_file()


def test_a_run_that_is_loaded_is_the_same_run(result, loaded):
    assert loaded.folder == result.folder
    assert loaded.metrics == result.metrics
    state = result.model.state()
    assert state.keys() == loaded.model.state().keys()
    assert all(np.array_equal(state[key], value) for key, value in loaded.model.state().items())


def test_history_and_items_are_rows(result):
    rows = result.history
    assert rows[0]["split"] == "train"
    assert rows.column("epoch")[-1] == 1
    assert len(result.items) == 6
    assert "dice" in result.items.columns
    with pytest.raises(KeyError, match="no column 'loss'; the columns are"):
        result.items.column("loss")


def test_items_are_those_of_the_report(loaded):
    lines = (loaded.folder / "items.csv").read_text().splitlines()
    assert lines[0].split(",") == loaded.items.columns
    place = loaded.items.columns.index("dice")
    written = [float(line.split(",")[place]) for line in lines[1:]]
    assert written == pytest.approx(loaded.items.column("dice"), rel=1e-6)


def test_tables_by_name(loaded):
    assert len(loaded.tables["conventions"]) == 12
    assert {"library", "aggregation", "IoU", "Dice"} <= set(loaded.tables["conventions"].columns)


def test_figures_are_listed_and_drawn_on_demand(loaded):
    written = {file.stem for file in (loaded.folder / "figures").iterdir()}
    assert set(loaded.figures) == written
    figure = loaded.figures["training_curves"]
    assert isinstance(figure, matplotlib.figure.Figure)
    assert figure is not loaded.figures["training_curves"]
    with pytest.raises(KeyError, match="no figure 'cases'; the figures are training_curves"):
        loaded.figures["cases"]


def test_evaluate_again_with_another_key(result):
    again = nt.evaluate(result, threshold=0.9)
    assert again.folder != result.folder
    assert again.task.config.threshold == 0.9
    same = nt.evaluate(str(result.folder))
    assert same.metrics == result.metrics


def test_what_is_no_finished_run_is_refused(tmp_path, result):
    with pytest.raises(nt.errors.UsageError, match="is not a run"):
        nt.load(tmp_path)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "config.yaml").write_text((result.folder / "config.yaml").read_text())
    with pytest.raises(nt.errors.UsageError, match="is not finished; finish it with: nntasks run"):
        nt.load(copy)


def test_nothing_global_changes(tmp_path):
    def state():
        return (
            random.getstate(),
            np.random.get_state()[1].tolist(),  # noqa: NPY002
            torch.get_rng_state().tolist(),
            torch.get_num_threads(),
            dict(matplotlib.rcParams),
            matplotlib.get_backend(),
        )

    before = state()
    done = nt.run("unet_segment", out=tmp_path, **QUICK)
    done.figures["training_curves"]
    done.predict(np.zeros((32, 32), np.uint8))
    assert state() == before


def test_a_run_prints_nothing_unless_asked(toy, capfd, tmp_path):
    nt.run("toy", out=tmp_path, **TOY)
    assert capfd.readouterr() == ("", "")
    nt.run("toy", out=tmp_path, **TOY, quiet=False)
    assert "epoch 1/1" in capfd.readouterr().err


class TestNotebook:
    def test_a_result_shows_headline_pictures_and_report(self, monkeypatch, result):
        monkeypatch.chdir(result.folder.parent.parent)
        page = result._repr_html_()
        for name in result.headline:
            assert f">{name}</th>" in page
        assert page.count("data:image/png;base64,") == 4
        assert f'href="unet_segment/{result.folder.name}/report.html"' in page

    def test_rows_are_escaped_and_cut(self):
        rows = nt.api.Rows([{"a<b": "<script>", "n": number} for number in range(20)])
        page = rows._repr_html_()
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert "… and 8 more rows" in page
        assert page.count("<tr>") == 13

    def test_one_line_names_the_run(self, result):
        assert repr(result).startswith("<Result of unet_segment: dice ")
        assert result.folder.name in repr(result)


class TestPredict:
    def test_a_file_a_picture_and_an_array_agree(self, loaded, tmp_path):
        pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
        image.save(tmp_path / "a.png")
        found = [
            loaded.predict(source)
            for source in (tmp_path / "a.png", image, pixels, pixels.tolist(), pixels / 255)
        ]
        assert all(one.records == found[0].records for one in found)
        assert all(one.files == found[0].files for one in found)
        assert found[0].source == str(tmp_path / "a.png")
        assert found[1].source == "picture0"
        assert found[0].records[0]["width"] == 50
        assert found[0]._repr_html_().count("data:image/png;base64,") == 1

    def test_several(self, loaded, tmp_path):
        pixels = np.zeros((3, 32, 32, 3), np.uint8)
        assert [one.source for one in loaded.predict(pixels)] == [f"picture{i}" for i in range(3)]
        for name in ("b", "c"):
            Image.fromarray(pixels[0]).save(tmp_path / f"{name}.png")
        folder = loaded.predict(tmp_path)
        assert len(folder) == len(folder.records) == 2
        assert len(loaded.predict([tmp_path / "b.png", pixels[0]])) == 2
        assert folder._repr_html_().count("data:image/png;base64,") == 2

    def test_of_several_an_unreadable_one_stops_no_other(self, loaded, tmp_path):
        Image.fromarray(np.zeros((32, 32), np.uint8)).save(tmp_path / "a.png")
        (tmp_path / "b.png").write_bytes(b"no picture")
        found = loaded.predict(tmp_path)
        assert [bool(one.problem) for one in found] == [False, True]
        with pytest.raises(nt.errors.UsageError, match=r"b\.png"):
            loaded.predict(tmp_path / "b.png")

    def test_what_is_no_picture_is_refused(self, loaded):
        for source, line in (("no/such.png", "found nothing there"), (object(), "got object")):
            with pytest.raises(nt.errors.UsageError, match=line):
                loaded.predict(source)
