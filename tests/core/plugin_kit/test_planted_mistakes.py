"""Mistakes that are planted in a package of `plugin new` fail the right check, in one line each."""

from __future__ import annotations

import importlib
import sys

import pytest

from nntasks.plugin_kit import write_package
from nntasks.registry import discover
from nntasks.testing import examine

SMALL = {"data_options": {"points": 16}}


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Return a function that makes a plugin, plants a mistake and returns what the checks say."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "flawed"

    def plant(file, right, wrong, kind="task"):
        package = write_package(name, kind, tmp_path / "sources") / name
        path = package / file
        text = path.read_text()
        assert right in text
        path.write_text(text.replace(right, wrong))
        package.rename(tmp_path / name)
        info = tmp_path / "flawed-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Name: flawed\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[nntasks]\nflawed = flawed\n")
        importlib.invalidate_caches()
        registry = discover()
        (plugin,) = [one for one in registry.plugins if one.name == name]
        found = [f for f in examine(plugin, registry, SMALL) if f.problem]
        return [f"{f.subject}: {f.check}: {f.problem}" for f in found]

    yield plant
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


DRAW = 'self.seeds.numpy("augment", epoch, int(index)).normal(size=2)'
INIT = 'with seeds.torch_global("init"):'
RESET = "        self.right = self.seen = 0\n"


@pytest.mark.parametrize(
    ("file", "right", "wrong", "line"),
    [
        ("__init__.py", "return [Entry", "return Entry", "loads: it is quarantined: "),
        (
            "task.py",
            ', description="hidden units"',
            "",
            "entry: key 'width' of FlawedConfig needs a description",
        ),
        (
            "data.py",
            DRAW,
            "np.random.normal(size=2)",
            "repeatable batches: batch(epoch=0) must give the same samples every time",
        ),
        (
            "data.py",
            'self.seeds.numpy("clouds", number)',
            "np.random.default_rng()",
            "data set flawed_clouds: loads twice the same: loading twice must give the same",
        ),
        (
            "data.py",
            'f"p{i}" for i in indices',
            '"p" for i in indices',
            "repeatable batches: ids must be unique within a split",
        ),
        (
            "model.py",
            INIT,
            'torch.manual_seed(seeds.integer("init"))\n        if True:',
            "built from its seeds: building the model changes torch's global generator",
        ),
        (
            "model.py",
            ".tolist()",
            ".tolist()[1:]",
            "predictions and state: predict() must give one prediction per sample",
        ),
        (
            "model.py",
            "return loss, ",
            "self.calls = getattr(self, 'calls', 0) + 1\n        return loss * self.calls, ",
            "resume: a resumed training must equal an undisturbed one",
        ),
        (
            "metric.py",
            "        self.right += other.right\n",
            "",
            "laws of metrics: merge() must equal one metric that saw all: flawed_accuracy is",
        ),
        (
            "metric.py",
            RESET + "\n    def update",
            "        self.__dict__.setdefault('seen', 0)\n        self.right = 0\n\n    def update",
            "laws of metrics: reset() must forget everything: flawed_accuracy is",
        ),
        (
            "metric.py",
            "self.right += sum",
            "self.right = self.right / 2 + sum",
            "laws of metrics: the order of updates must not matter: flawed_accuracy is",
        ),
        (
            "metric.py",
            RESET + "\n    def update",
            RESET + "        self.sign = lambda x: x\n\n    def update",
            # Python 3.11 goes on with "pickle", 3.13 with "get".
            "two processes: metrics travel between processes by pickle, but: Can't ",
        ),
        (
            "metric.py",
            '{"flawed_accuracy": "right answers over all answers"}',
            "{}",
            "laws of metrics: definitions() lacks flawed_accuracy",
        ),
        (
            "metric.py",
            "    def merge",
            "    def murge",
            "lacks merge, which class Accuracy must define",
        ),
    ],
)
def test_a_planted_mistake_fails_the_right_check(planted, file, right, wrong, line):
    failed = planted(file, right, wrong)
    assert failed
    assert line in failed[0]
    assert "\n" not in failed[0]


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "line"),
    [
        (
            "logger",
            "step, epoch, values)",
            "step, values)",
            "end: TypeError: Flawed.scalars() takes 3 positional arguments but 4",
        ),
        (
            "logger",
            "    def scalars",
            "    def skalars",
            "start to end: plugin 'flawed' (flawed 1.0): logger 'flawed' lacks scalars",
        ),
        (
            "logger",
            '{"step": step, "epoch": epoch, **values})',
            '{"step": step, "epoch": epoch, **values}, allow_nan=False)',
            "end: ValueError: Out of range float values are not JSON compliant",
        ),
        (
            "launcher",
            "[FlawedJob(self._started(command)) for command in commands]",
            "[FlawedJob(self._started(commands[0]))][1:]",
            "submit must return one job for each command, got 0 for 1",
        ),
        (
            "launcher",
            "FlawedJob(self._started(command))",
            "self._started(command)",
            "submit must return nntasks.Job objects, got Popen",
        ),
        (
            "launcher",
            'return f"exit code {code}" if',
            "return code if",
            "ended must return None or a text, got 0",
        ),
    ],
)
def test_a_planted_mistake_of_a_logger_or_a_launcher(planted, kind, right, wrong, line):
    (failed,) = planted(f"{kind}.py", right, wrong, kind)
    assert line in failed
    assert "\n" not in failed
