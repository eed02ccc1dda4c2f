"""Packages made by `plugin new` work as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

from nntasks.errors import UsageError
from nntasks.plugin_kit import KINDS, write_package


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
    assert f"{len(KINDS) + 1} passed" in done.stdout  # that of a logger has one of its own


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
    assert [line.split()[-1] for line in lines if line.startswith("made_")] == ["ready"] * len(
        KINDS
    )
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
        assert "already exists; choose another name or another --out" in done.stderr
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
            ("yolo_detect", "'yolo_detect' is taken by an installed plugin"),
            ("digits", "'digits' is taken by an installed plugin"),
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
        assert "'task', 'model', 'metric', 'dataset', 'logger', 'launcher'" in done.stderr
