"""A second Python of this machine: where it is, torch for it, and the wheel built by it.

Its environment lies in build/python3.X and is kept. It is 1.7 GB, not 5.5 GB: the CUDA libraries
that torch asks for belong to no Python, so those of the running environment are linked, and triton,
which only compiled models need, is left out.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MINORS = range(14, 9, -1)  # 3.14 to 3.10, the newest first
PIP = (sys.executable, "-m", "pip", "--python")
BUILD = ("setuptools>=77", "wheel", "ninja", "pybind11>=2.13")
TORCH = ("torch", "torchvision")
OF_CUDA = ("cuda-", "nvidia-", "triton")
TORCH_LOADS = "import torch, torchvision; print(torch.__version__)"
# Fails, or prints nothing, where no environment could be made or nothing be compiled.
USABLE = (
    "import ensurepip, pathlib, ssl, sysconfig, venv\n"
    "print(pathlib.Path(sysconfig.get_path('include'), 'Python.h').exists() or '')"
)


class NoSecondPython(Exception):
    """There is none, or torch cannot be had for it; the message says why."""


def pythons() -> Iterator[Path]:
    """Yield the other supported Pythons in PATH and of pyenv that can compile, the newest first.

    NNTASKS_SECOND_PYTHON names one instead.
    """
    named = os.environ.get("NNTASKS_SECOND_PYTHON")
    if named:
        yield Path(named)
        return
    folders = [Path(name) for name in os.environ.get("PATH", "").split(os.pathsep) if name]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob("versions/*/bin"), reverse=True)
    for minor in MINORS:
        files = [folder / f"python3.{minor}" for folder in folders]
        usable = (file for file in files if file.exists() and _answer(file, USABLE))
        if minor != sys.version_info.minor and (first := next(usable, None)):
            yield first


def environment() -> Path:
    """Return the Python of an environment with torch and all else that the package needs.

    Raises:
        NoSecondPython: no other Python is here, or pip cannot install torch for any of them.
    """
    reasons = []
    for python in pythons():
        try:
            return _environment(python)
        except NoSecondPython as reason:
            reasons.append(str(reason))
    raise NoSecondPython("; ".join(reasons) or "no Python here but the running one")


def build_wheel(python: Path, dist: Path) -> None:
    """Build the wheel of a Python from the source archive in a folder, into that folder."""
    (archive,) = dist.glob("*.tar.gz")
    words = ["wheel", "--quiet", "--no-build-isolation", "--no-deps", "-w", str(dist), str(archive)]
    environment = {**os.environ, "NNTASKS_REQUIRE_NATIVE": "1", "NNTASKS_CUDA": "0"}
    subprocess.run([*PIP, str(python), *words], env=environment, check=True)


def _environment(base: Path) -> Path:
    if not _answer(base, USABLE):
        raise NoSecondPython(f"{base} is no Python with venv, ensurepip and its headers")
    minor = int(_answer(base, "import sys; print(sys.version_info.minor)"))
    if minor == sys.version_info.minor:
        raise NoSecondPython(f"{base} is of the version that runs")
    folder = ROOT / "build" / f"python3.{minor}"
    python, ready = folder / "bin" / "python", folder / "ready"
    pins = ROOT / "constraints.txt"
    wanted = "\n".join([str(base), *_requirements(), pins.read_text()])
    if ready.exists() and ready.read_text() == wanted and _answer(python, TORCH_LOADS):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([str(base), "-m", "venv", "--without-pip", str(folder)], check=True)
    # Of the pinned versions some have no wheel for 3.10 any more.
    chosen = ["-c", str(pins)] if minor > 10 else []
    torch = [f"{name}=={importlib.metadata.version(name)}" for name in TORCH]
    linked = Path(sysconfig.get_path("purelib"), "nvidia")
    if linked.is_dir():
        _install(python, ["--no-deps", *torch])
        own = _answer(python, "import sysconfig; print(sysconfig.get_path('purelib'))")
        Path(own, "nvidia").symlink_to(linked)
        torch = []
    _install(python, [*chosen, *torch, *_requirements(), *BUILD])
    if not _answer(python, TORCH_LOADS):
        raise NoSecondPython(f"Python 3.{minor}: torch is installed and does not load")
    ready.write_text(wanted)
    return python


def _requirements() -> list[str]:
    """Return what the package and torch ask for, without torch and what is for CUDA."""
    lines = [
        line
        for name in ("nntasks", *TORCH)
        for line in importlib.metadata.requires(name) or []
        if "extra ==" not in line
    ]
    names = {line: re.split(r"[^\w.-]", line)[0].lower() for line in lines}
    return [line for line in lines if not names[line].startswith((*TORCH, *OF_CUDA))]


def _install(python: Path, words: list[str]) -> None:
    """Install with pip; it complains of CUDA's packages, which is shown only if it fails."""
    command = [*PIP, str(python), "install", "--quiet", "--retries", "1", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word from pip"])[-1]
        raise NoSecondPython(f"{python.parents[1].name}: pip installs no torch for it: {last}")


def _answer(python: Path, code: str) -> str:
    """Return what a Python prints, and nothing if it fails: a shim may stand for no Python."""
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
