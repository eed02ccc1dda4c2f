"""`write_report`: from a finished run to its figures and its page."""

from __future__ import annotations

import html
import re
import shlex

import pytest
from PIL import Image
from pydantic import Field

from nntasks.config import Integers, TaskConfig, build, flatten, parse_overrides
from nntasks.interfaces import Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.machine import environment
from nntasks.report.run_report import _command, _group, _settings, write_report
from nntasks.run_folder import RunFolder
from nntasks.runner import make_task

SUMMARY = {
    "task": "toy",
    "run": "20260102-030405-abcdef",
    "seed": 0,
    "seconds": 65.2,
    "kernels": "python",
    "model": "perceptron",
    "data": "clouds",
    "samples": 256,
    "headline": ["accuracy"],
    "metrics": {"accuracy": 0.75, "other": 0.5},
    "definitions": {"accuracy": "right answers over all answers"},
}
HISTORY = [
    {"split": "train", "step": 1, "epoch": 0.5, "loss": 1.0, "lr": 0.1},
    {"split": "train", "step": 2, "epoch": 1.0, "loss": 0.5, "lr": 0.1},
]


def red():
    return Image.new("RGB", (4, 4), "red")


def broken():
    raise KeyError("no such\nclass")


@pytest.fixture
def task(toy):
    return make_task("toy", [{"epochs": 5, "data.points": 64}])


@pytest.fixture
def write(task, tmp_path, monkeypatch):
    """Return a function that writes a report and returns its folder and text."""

    def call(figures=(), tables=(), items=(), history=HISTORY, thumbnails=(), browser=None):
        monkeypatch.setattr(task, "figures", lambda outcome: figures)
        monkeypatch.setattr(task, "thumbnails", lambda outcome: thumbnails)
        monkeypatch.setattr(task, "browser", lambda outcome: browser)
        described = environment.describe(task.context.registry)
        folder = RunFolder.create(tmp_path, "toy", flatten(task.config), described)
        for row in history:
            folder.add_scalars(row)
        folder.log("training on 64 samples")
        write_report(folder, task, SUMMARY, Outcome({}, {}, None, history, None), tables, items)
        return folder, (folder.path / "report.html").read_text(encoding="utf-8")

    return call


def test_the_report_tells_the_whole_run(write):
    tables = [Table("per_class", "Per class", ("class", "AP"), [("left", 0.125)])]
    folder, text = write([Figure("red", "A red one", "All red.", red)], tables, [{"id": "p7"}])
    pictures = sorted(path.name for path in (folder.path / "figures").iterdir())
    assert pictures == ["red.png", "training_curves.png"]
    for piece in (
        "toy: perceptron on clouds",
        "2026-01-02 03:04",
        "1 min 05 s",
        "0.7500",
        "0.1250",
        "right answers over all answers",
        "All red.",
        ">p7<",
        "training on 64 samples",
        "nntasks run toy seed=0 epochs=5 data.points=64",
        " keys differ",
        "points per split",
        "platform",
        "run 20260102-030405-abcdef",
    ):
        assert piece in text, piece
    assert re.search(r"\b2 of \d\d keys differ", text)
    assert text.index("<h3>Training</h3>") < text.index("<h3>A red one</h3>")


def test_a_run_without_training_has_no_curves(write):
    folder, text = write(history=[])
    assert list((folder.path / "figures").iterdir()) == []
    assert "Figures" not in text


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (Figure("bad", "Bad", "", broken), "KeyError: 'no such\\nclass'"),
        (Figure("bad", "Bad", "", lambda: 3), "PluginError: expected a Matplotlib figure"),
        (Figure("../bad", "Bad", "", red), "ValueError: expected a name of lower-case letters"),
        (Figure("good", "Bad", "", red), "ValueError: another figure has this name"),
        (Figure("training_curves", "Bad", "", red), "ValueError: another figure has this name"),
    ],
)
def test_a_figure_that_fails_costs_only_itself(write, capsys, figure, reason):
    folder, text = write([Figure("good", "Good", "", red), figure, Figure("last", "L", "", red)])
    message = f"figure {figure.name!r} is missing: {reason}"
    assert message in capsys.readouterr().err
    assert any(message in line for line in folder.log_lines)
    assert '<h2 id="warnings-heading">Warnings</h2>' in text
    assert message in html.unescape(text)
    pictures = sorted(path.name for path in (folder.path / "figures").iterdir())
    assert pictures == ["good.png", "last.png", "training_curves.png"]
    assert not (folder.path / "bad.png").exists()


def test_a_gallery_that_fails_costs_only_itself(write):
    def failing():
        yield "p7", red()
        raise KeyError("p8")

    _, text = write([Figure("good", "Good", "", red)], thumbnails=failing())
    assert "the gallery is missing: KeyError" in text
    assert "<h3>Good</h3>" in text
    _, text = write(thumbnails=[("p7", red())])
    assert "<h3>p7</h3>" in text


def test_figures_are_drawn_in_the_common_style(write):
    def draw():
        import matplotlib

        return Image.new("RGB", (int(matplotlib.rcParams["figure.dpi"]), 1))

    folder, _ = write([Figure("style", "Style", "", draw)])
    with Image.open(folder.path / "figures" / "style.png") as image:
        assert image.size == (96, 1)


def test_quarantined_plugins_and_changed_sources_are_warned_of(write, monkeypatch):
    described = {
        "plugins": {"bad": {"reason": "", "quarantined": "fails to import"}},
        "git": "abc+changes",
        "processes": 2,
    }
    monkeypatch.setattr(environment, "describe", lambda registry: described)
    _, text = write()
    assert "plugin &#39;bad&#39; was not used: fails to import" in text
    assert "the source tree had uncommitted changes" in text
    assert "revision abc+changes" in text
    assert "--nproc 2" in text


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"epochs": 7, "lr": 1e-5, "seed": 12},
        {"data.points": 9, "nesterov": False},
        {"weights": "a folder/it's here.safetensors", "clip": 0.1 + 0.2},
    ],
)
def test_the_command_gives_the_same_configuration(toy, keys):
    settings = list(_settings(make_task("toy", [keys])))
    nntasks, verb, name, *words = shlex.split(_command("toy", settings, {}))
    assert (nntasks, verb, name) == ("nntasks", "run", "toy")
    assert len(words) == len({"seed", *keys})
    assert list(_settings(make_task("toy", [parse_overrides(words)]))) == settings


def test_lists_and_empty_values_are_typed_as_the_command_line_reads_them():
    class Listed(TaskConfig):
        sizes: Integers = Field((1,), description="sizes")
        limit: float | None = Field(0.5, description="limit")

    config = build(Listed, {"sizes": "3,4", "limit": "none", "metrics": "a,b"})
    settings = list(_group(Listed, config.model_dump(mode="json"), ""))
    words = shlex.split(_command("x", settings, {}))[3:]
    assert sorted(words) == ["limit=none", "metrics=a,b", "seed=0", "sizes=3,4"]
    assert build(Listed, parse_overrides(words)) == config
