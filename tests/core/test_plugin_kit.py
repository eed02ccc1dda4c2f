"""Packages made by `plugin new` work as they are; planted mistakes fail the right check."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

from nntasks.errors import UsageError
from nntasks.plugin_kit import KINDS, write_package
from nntasks.registry import discover
from nntasks.testing import examine

SMALL = {"data_options": {"points": 16}}


def in_process(command, *, path, cwd):
    environment = cli_environment([path], OMP_NUM_THREADS="1")
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder into which pip installed a package of each kind, and their sources."""
    sources, target = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("target")
    folders = [write_package(f"made_{kind}", kind, sources) for kind in KINDS]
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--target", str(target))
    done = in_process(("pip", "install", *options, *map(str, folders)), path=ROOT, cwd=sources)
    assert done.returncode == 0, done.stderr
    return target, sources


def test_each_kind_that_is_made_passes_its_checks_as_it_is(installed, tmp_path):
    target, _ = installed
    done = in_process(("nntasks", "plugin", "check", "--json"), path=target, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert {finding["plugin"] for finding in findings} == {f"made_{kind}" for kind in KINDS}
    assert [finding for finding in findings if finding["problem"]] == []
    checks = {finding["check"] for finding in findings if finding["plugin"] == "made_task"}
    assert checks > {"repeatable batches", "predictions and state", "resume", "two processes"}


def test_each_package_passes_its_own_test(installed):
    target, sources = installed
    tests = [str(sources / f"made_{kind}" / "tests") for kind in KINDS]
    command = ("pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={sources}", *tests)
    done = in_process(command, path=target, cwd=sources)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(KINDS)} passed" in done.stdout


def test_what_is_made_can_be_listed_and_imports_no_torch(installed, tmp_path):
    code = (
        "import atexit, sys, nntasks.cli\n"
        "atexit.register(lambda: print('torch' in sys.modules))\n"
        "nntasks.cli.main(['list', 'plugins'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=cli_environment([installed[0]]),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("made_")] == ["ready"] * 4
    assert lines[-1] == "False"


class TestNew:
    def test_says_what_to_do_next(self, cli_here, tmp_path):
        done = cli_here("plugin", "new", "my_net", "--kind", "model", cwd=tmp_path)
        assert done.returncode == 0
        assert "pip install -e my_net" in done.stdout
        files = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
        assert files == [
            "my_net/README.md",
            "my_net/my_net/__init__.py",
            "my_net/my_net/model.py",
            "my_net/pyproject.toml",
            "my_net/tests/test_my_net.py",
        ]

    @pytest.mark.parametrize("there", ["file", "folder", "broken link"])
    def test_never_overwrites(self, cli_here, tmp_path, there):
        place = tmp_path / "my_net"
        if there == "file":
            place.write_text("mine")
        elif there == "folder":
            place.mkdir()
        else:
            place.symlink_to(tmp_path / "nowhere")
        before = os.lstat(place)
        done = cli_here("plugin", "new", "my_net", "--kind", "model", "--out", tmp_path)
        assert done.returncode == 2
        assert "is there already; choose another name or another --out" in done.stderr
        assert os.lstat(place) == before
        assert os.listdir(tmp_path) == ["my_net"]

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("My-Net", "choose another, such as my_net"),
            ("1net", "expected 2 to 40 lower-case letters, digits and '_', a letter first"),
            ("x", "expected 2 to 40"),
            ("../evil", "choose another, such as evil"),
            ("a.b", "choose another, such as a_b"),
            ("net\nx", "such as net_x"),
            ("class", "'class' would hide a module of that name; choose another, such as my_class"),
            ("random", "'random' would hide a module of that name"),
            ("nntasks", "'nntasks' would hide a module of that name"),
            ("yolo_detect", "'yolo_detect' is taken by a plugin that is here"),
            ("digits", "'digits' is taken by a plugin that is here"),
        ],
    )
    def test_a_name_that_cannot_be_one(self, tmp_path, name, message):
        with pytest.raises(UsageError) as told:
            write_package(name, "model", tmp_path)
        assert message in str(told.value)
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_written(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(UsageError, match=r"cannot write to .*; choose another --out"):
            write_package("my_net", "model", tmp_path / "file" / "inside")

    def test_an_unknown_kind(self, cli_here, tmp_path):
        done = cli_here("plugin", "new", "my_net", "--kind", "moddel", cwd=tmp_path)
        assert done.returncode == 2
        assert "'task', 'model', 'metric', 'dataset'" in done.stderr


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Return a function that makes a task, plants a mistake and returns what the checks say."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "flawed"

    def plant(file, right, wrong):
        package = write_package(name, "task", tmp_path / "sources") / name
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
            "two processes: metrics travel between processes by pickle, but: Can't pickle",
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
