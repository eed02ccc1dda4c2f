"""The packages that `make wheel` has built, and a fresh environment with the wheel installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from own_project import make_project

DIST = Path(os.environ["NNTASKS_DIST"]).resolve()
WHEELS = sorted(DIST.glob("*.whl"))
SECOND = os.environ.get("NNTASKS_SECOND")  # the Python of an environment; see second_python.py
NO_SECOND = "no second Python: " + os.environ.get("NNTASKS_NO_SECOND", "none was named")


def python_of(wheel: Path) -> str | None:
    """Return the Python on this machine that a wheel is for; None where there is none."""
    tag = re.search(r"-(py3|cp3(\d+))-", wheel.name)
    if tag is None:
        return None
    if tag[1] == "py3" or int(tag[2]) == sys.version_info.minor:
        return sys.executable
    if SECOND and Path(SECOND).parents[1].name == f"python3.{tag[2]}":
        return SECOND
    return shutil.which(f"python3.{tag[2]}")


def run(python: str, code: str) -> str:
    """Return what a Python prints."""
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout


def pytest_generate_tests(metafunc):
    if "wheel" in metafunc.fixturenames:
        wheels = [pytest.param(path, id=path.name) for path in WHEELS]
        if SECOND is None:
            skipped = pytest.mark.skip(reason=NO_SECOND)
            wheels.append(pytest.param(None, id="wheel of a second Python", marks=skipped))
        metafunc.parametrize("wheel", wheels, scope="session")


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """Return the Python of a fresh environment that holds the wheel, and others' packages."""
    base = python_of(wheel)
    assert base is not None, f"no Python here for {wheel.name}"
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([base, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    # What we depend on comes from where it is installed. Python follows no .pth of these folders,
    # so an editable nntasks there is not seen.
    places = run(
        base, "import sys; print(*[p for p in sys.path if 'site-packages' in p], sep='\\n')"
    )
    own = run(str(python), "import sysconfig; print(sysconfig.get_path('purelib'))")
    Path(own.strip(), "others.pth").write_text(places)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--ignore-installed", str(wheel)], check=True)
    return python


@pytest.fixture
def other_wheel(wheel):
    """Return a wheel of another Python than `wheel` is for; skip where there is none."""
    others = [one for one in WHEELS if one != wheel]
    if not others:
        pytest.skip(NO_SECOND)
    return others[0]


@pytest.fixture
def project(tmp_path):
    """Return a project of a user, whose files are called as ours are."""
    return make_project(tmp_path / "project")
